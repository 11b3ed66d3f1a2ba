import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { sha256File } from '../../support/files.js';
import type { SourceFile, SourceFolder } from '../bench.js';

/** @throws when the bytes at `target` are not those of the source: a fast row that lies is worth nothing. */
export async function checkFile(target: string, source: SourceFile): Promise<void> {
  if ((await sha256File(target)) !== source.sha256) throw new Error(`${target} came back changed`);
}

/** @throws when number or sizes of the files differ. */
export async function checkFolder(target: string, source: SourceFolder): Promise<void> {
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.bin'));
  let bytes = 0;
  for (const file of files) bytes += (await stat(path.join(file.parentPath, file.name))).size;
  if (files.length !== source.files || bytes !== source.bytes) {
    throw new Error(`${target} holds ${files.length} of ${source.files} files, ${bytes} bytes`);
  }
}
