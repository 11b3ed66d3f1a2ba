import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Beyond so many of one name, somebody is making them. */
const mostNumbers = 10_000;

/**
 * Whether something lies at a path that a download of this kind does not take the place of: anything, but for an empty
 * folder where a folder comes. What may not be looked at is not taken: the peer says what is wrong with it.
 */
export async function isTaken(target: string, kind: 'file' | 'folder'): Promise<boolean> {
  const found = await lstat(target).catch(() => null);
  if (found === null) return false;
  if (kind === 'file' || !found.isDirectory()) return true;
  const inside = await readdir(target).catch(() => ['?']);
  return inside.length > 0;
}

/**
 * The path itself, or the first like `report (2).pdf` at which nothing lies.
 *
 * @param alsoTaken paths that are about to be written
 */
export async function freePath(
  target: string,
  kind: 'file' | 'folder',
  alsoTaken: ReadonlySet<string> = new Set(),
): Promise<string> {
  let free = target;
  for (let number = 2; number < mostNumbers; number += 1) {
    if (!alsoTaken.has(free) && !(await isTaken(free, kind))) return free;
    free = numbered(target, kind, number);
  }
  return free; // the peer refuses to replace what is there
}

/** `report (2).pdf` beside `report.pdf`; a folder has no ending. */
function numbered(target: string, kind: 'file' | 'folder', number: number): string {
  const { dir, base, name, ext } = path.parse(target);
  const suffix = ` (${String(number)})`;
  return path.join(dir, kind === 'folder' ? `${base}${suffix}` : `${name}${suffix}${ext}`);
}
