import type { MachineCommand } from './command.js';

/** Shows all files again. */
export const clearFilter: MachineCommand = ({ views }) => {
  views.files.setFilter('');
  return Promise.resolve();
};
