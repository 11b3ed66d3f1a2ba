import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import path from 'node:path';
import { equalBytes } from '../../common/bytes.js';
import { leadsOut, type Selection } from './selection.js';

const { O_RDONLY } = constants;
const { O_NOFOLLOW = 0 } = constants as { readonly O_NOFOLLOW?: number }; // not on Windows
const readAtOnce = 1 << 20;

/**
 * Whether all that is wanted of a share lies at its target already: every file by its SHA-256, every link by where it
 * leads, and nothing else among them. Permissions and times are not looked at: their owner may have changed them.
 *
 * @returns paths of links that are left out when it is written; null when it is not there, or is something else
 */
export function alreadyThere(target: string, chosen: Selection): readonly string[] | null {
  const { files, dirs, links, single } = chosen;
  // The one entry that was named has the name of the target by now.
  const top = single?.name.length ?? 0;
  const at = (inTarget: string): string => path.join(target, inTarget.slice(top));
  const leftOut = new Set(
    links.filter((link) => leadsOut(chosen, link.path, link.entry.target)).map(({ path: p }) => p),
  );
  const made = links.filter((link) => !leftOut.has(link.path));
  const kinds = new Map<string, 'file' | 'dir' | 'symlink'>();
  for (const entry of [...files, ...dirs, ...made]) {
    for (let above = parentOf(entry.path); above !== ''; above = parentOf(above)) {
      if (kinds.has(above)) break;
      kinds.set(above, 'dir');
    }
    kinds.set(entry.path, entry.entry.kind);
  }
  try {
    const isThere =
      files.every(({ path: file, entry }) => sizeAt(at(file)) === entry.size) &&
      made.every((link) => readlinkSync(at(link.path)) === link.entry.target) &&
      (single?.kind === 'file' || holdsOnly(target, single?.name ?? '', kinds)) &&
      files.every(({ path: file, entry }) => hasDigest(at(file), entry.sha256));
    return isThere ? links.filter((l) => leftOut.has(l.path)).map(({ entry }) => entry.path) : null;
  } catch {
    return null; // not there, or not to be read
  }
}

/** Of a file, a link not followed; undefined for anything else. @throws system errors */
function sizeAt(file: string): number | undefined {
  const found = lstatSync(file);
  return found.isFile() ? found.size : undefined;
}

/** Whether a folder and all below it is what these paths say, `top` being its own. @throws system errors */
function holdsOnly(
  folder: string,
  top: string,
  kinds: ReadonlyMap<string, 'file' | 'dir' | 'symlink'>,
): boolean {
  if (!lstatSync(folder).isDirectory()) return false;
  let found = top === '' ? 0 : 1;
  const open = [top];
  for (let at; (at = open.pop()) !== undefined;) {
    for (const entry of readdirSync(path.join(folder, at.slice(top.length)), {
      withFileTypes: true,
    })) {
      const inside = at === '' ? entry.name : `${at}/${entry.name}`;
      const kind = entry.isDirectory() ? 'dir' : entry.isSymbolicLink() ? 'symlink' : 'file';
      if (kinds.get(inside) !== kind) return false;
      found += 1;
      if (kind === 'dir') open.push(inside);
    }
  }
  return found === kinds.size;
}

function hasDigest(file: string, sha256: Uint8Array): boolean {
  const opened = openSync(file, O_RDONLY | O_NOFOLLOW);
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(readAtOnce);
    for (let count; (count = readSync(opened, buffer)) > 0;) hash.update(buffer.subarray(0, count));
    return equalBytes(hash.digest(), sha256);
  } finally {
    closeSync(opened);
  }
}

function parentOf(inTarget: string): string {
  return inTarget.slice(0, Math.max(0, inTarget.lastIndexOf('/')));
}
