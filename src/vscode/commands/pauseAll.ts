import { isPausable } from '../views/transferItem.js';
import { changeTransfers } from './changeTransfers.js';
import type { Command } from './command.js';

/** Stops all transfers that can go on later. */
export const pauseAll: Command = async ({ session, views }) => {
  await changeTransfers(session, 'pause', views.transferLog.all.filter(isPausable));
};
