import type { Command } from './command.js';

/** Opens the log. It never opens by itself. */
export const showLog: Command = ({ log }) => {
  log.show();
  return Promise.resolve();
};
