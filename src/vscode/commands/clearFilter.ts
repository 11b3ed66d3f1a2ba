import type { Command } from './command.js';

/** Shows all files again. */
export const clearFilter: Command = ({ views }) => {
  views.files.setFilter('');
  return Promise.resolve();
};
