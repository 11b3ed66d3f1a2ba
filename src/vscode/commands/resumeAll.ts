import { changeTransfers } from './changeTransfers.js';
import type { Command } from './command.js';

/** Goes on with all transfers that are paused. */
export const resumeAll: Command = async ({ session, views }) => {
  const paused = views.transferLog.all.filter(({ state }) => state === 'paused');
  await changeTransfers(session, 'resume', paused);
};
