import { changeTransfers } from './changeTransfers.js';
import type { Command } from './command.js';
import { selectedRows } from './selectedRows.js';

/** Stops running transfers; they go on where they were when they are resumed. */
export const pauseTransfer: Command = async ({ session }, ...args) => {
  const rows = selectedRows(args, 'transfer');
  await changeTransfers(
    session,
    'pause',
    rows.map(({ transfer }) => transfer),
  );
};
