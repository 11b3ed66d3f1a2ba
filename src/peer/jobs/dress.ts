import { chmodSync, fchmodSync, fstatSync, futimesSync, utimesSync } from 'node:fs';
import type { DirEntry, FileEntry } from '../../chunk/tree.js';

/** Seconds since 1970 that every file system takes; a share may say anything. */
const earliest = 0;
const latest = 2 ** 32 - 1;

/**
 * Gives a file that was made with 0o777 the permissions of its entry, as far as the umask left them, and its time.
 * Its owner can read it in any case.
 */
export function dressFile(file: number, entry: FileEntry): void {
  fchmodSync(file, fstatSync(file).mode & (entry.mode | 0o400) & 0o777);
  setTime(file, entry);
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
