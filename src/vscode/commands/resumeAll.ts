import { changeTransfers } from './changeTransfers.js';
import type { MachineCommand } from './command.js';
import { groupsFor } from './groupFor.js';

/** Goes on with all transfers that are paused. */
export const resumeAll: MachineCommand = async ({ groups }, ...args) => {
  await Promise.all(
    groupsFor(groups, args).map(({ session, transfers }) => {
      const paused = transfers.all.filter(({ state }) => state === 'paused');
      return changeTransfers(session, 'resume', paused);
    }),
  );
};
