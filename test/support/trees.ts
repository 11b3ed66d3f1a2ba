import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/** Everything in a folder, by relative path: kind, permissions, time and content. */
export function treeOf(folder: string, inside = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(path.join(folder, inside)).sort()) {
    const relative = inside === '' ? name : `${inside}/${name}`;
    const file = path.join(folder, relative);
    const stat = lstatSync(file);
    const dress = `${(stat.mode & 0o777).toString(8)} ${String(Math.floor(stat.mtimeMs))}`;
    if (stat.isSymbolicLink()) found.set(relative, `link ${readlinkSync(file)}`);
    else if (stat.isDirectory()) {
      found.set(relative, `dir ${dress}`);
      for (const [key, value] of treeOf(folder, relative)) found.set(key, value);
    } else if (!stat.isFile()) found.set(relative, 'special');
    else {
      const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
      found.set(relative, `file ${dress} ${sha256}`);
    }
  }
  return found;
}

/** Writes files by their relative paths, and the folders they need. */
export function writeTree(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): void {
  for (const [relative, content] of Object.entries(files)) {
    const file = path.join(folder, relative);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
