import type { MachineCommand } from './command.js';
import { groupsFor } from './groupFor.js';

/** Forgets the transfers that have ended. */
export const clearTransfers: MachineCommand = async ({ groups }, ...args) => {
  await Promise.all(
    groupsFor(groups, args).map(async ({ session, transfers }) => {
      // A peer that does not run lists none.
      await session.attached?.request('clearTransfers', null, AbortSignal.timeout(10_000));
      await transfers.reload();
    }),
  );
};
