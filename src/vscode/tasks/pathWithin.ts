import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { PeerError } from '../../common/errors.js';

/**
 * A path that a workspace names, made absolute, if it lies in the folder: links on the way are followed, and what does not
 * exist yet is judged by the folder that it would come into.
 *
 * @param folder absolute
 * @returns undefined when it leads out of the folder
 */
export async function pathWithin(folder: string, given: string): Promise<string | undefined> {
  const wanted = path.resolve(folder, given);
  const [root, place] = await Promise.all([realpath(folder), placeOf(wanted)]);
  const way = path.relative(root, place);
  const leadsOut = way === '..' || way.startsWith(`..${path.sep}`) || path.isAbsolute(way);
  return leadsOut ? undefined : wanted;
}

/** Where a path leads, as far as it exists. */
async function placeOf(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    const parent = path.dirname(file);
    if (PeerError.from(error).code !== 'not-found' || parent === file) throw error;
    return path.join(await placeOf(parent), path.basename(file));
  }
}
