import type { Command } from './command.js';
import { selectedFiles } from './selectedFiles.js';
import { shareUris } from './shareUris.js';

/** Shares files and folders with the group; each is a share of its own. */
export const shareFile: Command = async ({ session }, ...args) => {
  const uris = await selectedFiles(args);
  if (uris === undefined || uris.length === 0) return;
  await shareUris(session, uris);
};
