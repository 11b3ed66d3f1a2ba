import type { MachineCommand } from './command.js';

/** Opens the log. It never opens by itself. */
export const showLog: MachineCommand = ({ log }) => {
  log.show();
  return Promise.resolve();
};
