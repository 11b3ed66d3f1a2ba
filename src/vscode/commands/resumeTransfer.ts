import { changeTransfers } from './changeTransfers.js';
import type { Command } from './command.js';
import { selectedRows } from './selectedRows.js';

/** Goes on with transfers that are paused, or failed and have something to show for it. */
export const resumeTransfer: Command = async ({ session }, ...args) => {
  const rows = selectedRows(args, 'transfer');
  await changeTransfers(
    session,
    'resume',
    rows.map(({ transfer }) => transfer),
  );
};
