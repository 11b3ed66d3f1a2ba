import {
  chmodSync,
  closeSync,
  fchmodSync,
  fstatSync,
  futimesSync,
  openSync,
  rmSync,
  utimesSync,
} from 'node:fs';
import type { DirEntry, FileEntry } from '../../chunk/tree.js';

/** Seconds since 1970 that every file system takes; a share may say anything. */
const earliest = 0;
const latest = 2 ** 32 - 1;

/**
 * Gives a file the permissions of its entry, as far as `allowed` has them, and its time. Its owner can read it in any
 * case.
 */
export function dressFile(file: number, entry: FileEntry, allowed: number): void {
  fchmodSync(file, (entry.mode | 0o400) & allowed & 0o777);
  setTime(file, entry);
}

/** Where it is tried for a moment what permissions the system gives. A run that is killed meanwhile leaves it, empty. */
export function probeBeside(path: string): string {
  return `${path}.mode`;
}

/**
 * Permissions that a file gets by default beside this one: what the umask leaves, or the folder says. An empty file tells;
 * the umask cannot be read without changing it for a moment, for all threads.
 */
export function allowedBeside(file: string): number {
  const probe = probeBeside(file);
  rmSync(probe, { force: true });
  const handle = openSync(probe, 'wx', 0o777);
  try {
    return fstatSync(handle).mode & 0o777;
  } finally {
    closeSync(handle);
    rmSync(probe, { force: true });
  }
}

export function setTime(file: number, { mtimeMs }: FileEntry): void {
  const time = seconds(mtimeMs);
  futimesSync(file, time, time);
}

/** The same for a folder that is complete; its owner can always change it. `allowed` is what the umask leaves. */
export function dressFolder(folder: string, { mode, mtimeMs }: DirEntry, allowed: number): void {
  chmodSync(folder, (mode | 0o700) & allowed & 0o777);
  const time = seconds(mtimeMs);
  utimesSync(folder, time, time);
}

function seconds(mtimeMs: number): number {
  return Math.min(latest, Math.max(earliest, mtimeMs / 1000));
}
