import type { Command } from './command.js';

/** Starts the peer process of a group, or attaches to the one that runs. */
export const startPeer: Command = async ({ session }) => {
  await session.client();
};
