import type { Command } from './command.js';

/** Reads everything again. */
export const refreshViews: Command = async ({ session, views }) => {
  await session.client();
  await views.refresh();
};
