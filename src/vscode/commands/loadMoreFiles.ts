import type { Command } from './command.js';

/** Shows the next page of a group's files. */
export const loadMoreFiles: Command = ({ group, views }) => {
  views.files.loadMore(group);
  return Promise.resolve();
};
