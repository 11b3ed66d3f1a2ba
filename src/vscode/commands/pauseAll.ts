import { isPausable } from '../views/transferItem.js';
import { changeTransfers } from './changeTransfers.js';
import type { MachineCommand } from './command.js';
import { groupsFor } from './groupFor.js';

/** Stops all transfers that can go on later. */
export const pauseAll: MachineCommand = async ({ groups }, ...args) => {
  await Promise.all(
    groupsFor(groups, args).map(({ session, transfers }) =>
      changeTransfers(session, 'pause', transfers.all.filter(isPausable)),
    ),
  );
};
