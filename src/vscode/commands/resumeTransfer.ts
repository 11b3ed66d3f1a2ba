import { isRow } from '../views/rows.js';
import type { Command } from './command.js';

/** Goes on with a transfer that is paused, or failed and has something to show for it. */
export const resumeTransfer: Command = async ({ session }, row) => {
  if (!isRow(row, 'transfer')) return;
  const client = await session.client();
  const { transferId } = row.transfer;
  await client.request('resume', { transferId }, AbortSignal.timeout(10_000));
};
