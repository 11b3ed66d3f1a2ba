import type { Command } from './command.js';

/** Shows the next page of the Files view. */
export const loadMoreFiles: Command = ({ views }) => {
  views.files.loadMore();
  return Promise.resolve();
};
