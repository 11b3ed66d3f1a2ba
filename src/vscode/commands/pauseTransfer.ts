import { isRow } from '../views/rows.js';
import type { Command } from './command.js';

/** Stops a running transfer; it goes on where it was when it is resumed. */
export const pauseTransfer: Command = async ({ session }, row) => {
  if (!isRow(row, 'transfer')) return;
  const client = await session.client();
  const { transferId } = row.transfer;
  await client.request('pause', { transferId }, AbortSignal.timeout(10_000));
};
