import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { PeerError } from '../../common/errors.js';

/** Gives a verified file its final name, and never takes that name from another file unasked. @throws PeerError `exists` */
export function publishFile(from: string, to: string, overwrite: boolean): void {
  if (overwrite) renameSync(from, to);
  else placeWithoutReplacing(from, to);
  syncFolder(path.dirname(to));
}

/** The same for a folder; an empty folder of that name gives way. @throws PeerError `exists` */
export function publishFolder(from: string, to: string): void {
  // Elsewhere, the rename itself replaces an empty folder, and nothing else.
  if (process.platform === 'win32' && isEmptyFolder(to)) rmdirSync(to);
  try {
    renameSync(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EPERM'].includes(code)) throw error;
    throw folderExists(to, error);
  }
  syncFolder(path.dirname(to));
}

/** No folder is merged with another, or replaced: that could end files that nobody has a copy of. */
export function folderExists(target: string, cause?: unknown): PeerError {
  return new PeerError('exists', `“${path.basename(target)}” exists already, and is not empty.`, {
    cause,
    hint: 'Choose another name, or move away what is there: folders are never replaced.',
  });
}

export function isEmptyFolder(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return false; // not there, or no folder
  }
}

export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** What file systems say that have no hard links, and Android, which allows none. */
const withoutLinks: ReadonlySet<string> = new Set([
  ...['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'UNKNOWN'],
]);

function placeWithoutReplacing(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new PeerError('exists', `“${path.basename(to)}” exists already.`, {
        cause: error,
        hint: 'Choose another name, or allow to replace it.',
      });
    }
    if (!withoutLinks.has(code)) throw error;
    // No hard links on this file system: claim the name first, then replace the empty file.
    closeSync(openSync(to, 'wx'));
    try {
      renameSync(from, to);
    } catch (failure) {
      rmSync(to, { force: true });
      throw failure;
    }
    return;
  }
  rmSync(from);
}
