/**
 * Where things lie under the data directory, and how they get there durably. Modes are 0700 for
 * directories and 0600 for files.
 */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { PeerError } from '../common/errors.js';

export const directoryMode = 0o700;
export const fileMode = 0o600;

export interface Layout {
  readonly lock: string;
  readonly database: string;
  /** There when damage was met in the database: the next start reads it through. */
  readonly suspect: string;
  /** Room on a full disk: see reserve.ts. */
  readonly reserve: string;
  /** Copies of what cannot be fetched again from others: see recoveryLog.ts. */
  readonly recovery: string;
  readonly shards: string;
  readonly staging: string;
  /** Journals of transfers that are not at their end. */
  readonly transfers: string;
}

export function layoutOf(dataDir: string): Layout {
  return {
    lock: path.join(dataDir, 'lock.db'),
    database: path.join(dataDir, 'state.db'),
    suspect: path.join(dataDir, 'state.db.suspect'),
    reserve: path.join(dataDir, 'reserve'),
    recovery: path.join(dataDir, 'recovery.log'),
    shards: path.join(dataDir, 'shards'),
    staging: path.join(dataDir, 'staging'),
    transfers: path.join(dataDir, 'transfers'),
  };
}

/** Directory of a share's committed files. */
export function shareDirectory(layout: Layout, shareId: string): string {
  return path.join(layout.shards, shareId.slice(0, 2));
}

export function shardFileName(shareId: string, shard: number): string {
  return `${shareId}.${String(shard)}.shard`;
}

export function hashesFileName(shareId: string, shard: number): string {
  return `${shareId}.${String(shard)}.hashes`;
}

export function commitFileName(shareId: string): string {
  return `${shareId}.manifest`;
}

/** What {@link commitFileName} becomes when the share is deleted: nothing serves it, and it waits to be freed. */
export function deletedFileName(shareId: string): string {
  return `${shareId}.deleted`;
}

/** What either of the two becomes when all shards of the share are about to go: whatever of it is left goes as well. */
export function removedFileName(shareId: string): string {
  return `${shareId}.removed`;
}

/** The shard that a file name stands for, or null for any other name. */
export function parseShardFileName(name: string): { shareId: string; shard: number } | null {
  const match = /^([0-9a-f]{32})\.(0|[1-9][0-9]{0,2})\.shard$/.exec(name);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const shard = Number(match[2]);
  return shard < 255 ? { shareId: match[1], shard } : null;
}

/**
 * Ids become file names: nothing else than an id passes.
 *
 * @throws {PeerError} `protocol`
 */
export function checkShardKey(shareId: string, shard: number): void {
  if (!/^[0-9a-f]{32}$/.test(shareId)) throw new PeerError('protocol', 'This is not a share id.');
  if (!Number.isInteger(shard) || shard < 0 || shard > 254) {
    throw new PeerError('protocol', 'This is not a shard number.');
  }
}

/** Makes a directory with those above it that are missing; each is durable in the one above. */
export function ensureDirectory(directory: string): void {
  const first = mkdirSync(directory, { recursive: true, mode: directoryMode });
  if (first === undefined) return;
  const top = path.dirname(path.resolve(first));
  let parent = path.resolve(directory);
  do {
    parent = path.dirname(parent);
    syncParent(parent);
  } while (parent !== top && parent !== path.dirname(parent));
}

function syncParent(directory: string): void {
  try {
    syncDirectory(directory);
  } catch (error) {
    // One of others, above the data directory, in which we may write and not read.
    if ((error as { code?: unknown }).code !== 'EACCES') throw error;
  }
}

/**
 * Makes an empty file for this user alone; one that is there is not touched. It is not even opened:
 * POSIX drops all locks of a process on a file when the process closes any descriptor of it.
 */
export function ensureFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', fileMode));
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
  }
}

/** Makes the entries of a directory durable. Windows has no such call and needs none. */
export function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes all of `bytes` at `position`; a short write is continued, never passed on. */
export function writeFully(fd: number, bytes: Uint8Array, position: number | null): void {
  let done = 0;
  while (done < bytes.byteLength) {
    const at = position === null ? null : position + done;
    done += writeSync(fd, bytes, done, bytes.byteLength - done, at);
  }
}

/** A whole file, durable under its name or not there at all; zeros up to `size` when that is given. */
export function writeDurably(file: string, parts: readonly Uint8Array[], size?: number): void {
  const temporary = `${file}.tmp`;
  const fd = openSync(temporary, 'w', fileMode);
  try {
    for (const part of parts) writeFully(fd, part, null);
    if (size !== undefined) ftruncateSync(fd, size);
    fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    unlinkSync(temporary);
    throw error;
  }
  closeSync(fd);
  renameSync(temporary, file);
  syncDirectory(path.dirname(file));
}

/** System errors of the disk with the sentence that helps. */
export function diskError(error: unknown): PeerError {
  const wrapped = PeerError.from(error);
  if (wrapped.code !== 'disk-full' || wrapped.hint !== undefined) return wrapped;
  return new PeerError('disk-full', 'There is no room left on the disk of the data directory.', {
    cause: error,
    hint: 'Free some space there and try again.',
  });
}
