import type { Command } from './command.js';

/** Forgets the transfers that have ended. */
export const clearTransfers: Command = async ({ session, views }) => {
  const client = await session.client();
  await client.request('clearTransfers', null, AbortSignal.timeout(10_000));
  await views.transferLog.reload();
};
