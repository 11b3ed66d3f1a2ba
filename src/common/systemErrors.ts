import type { ErrorCode } from './errors.js';

/** What a system error is called here, and in words for people. */
export interface SystemError {
  readonly code: ErrorCode;
  readonly message: string;
}

type Words = readonly [code: ErrorCode, words: string];

const full: Words = ['disk-full', 'There is no room left on the disk'];
const denied: Words = ['disk', 'The system denies access'];
const unreachable: Words = ['unreachable', 'Nobody can be reached there'];

const table: Readonly<Record<string, Words>> = {
  ENOSPC: full,
  EDQUOT: full,
  // The file system's or the process's bound on one file.
  EFBIG: full,
  ENOENT: ['not-found', 'There is no such file or folder'],
  EEXIST: ['exists', 'There is a file of this name already'],
  EISDIR: ['not-a-file', 'This is a folder, not a file'],
  EACCES: denied,
  EPERM: denied,
  EROFS: ['disk', 'This disk can only be read'],
  EIO: ['disk', 'The disk does not work'],
  ENOTDIR: ['disk', 'A part of this path is not a folder'],
  ENAMETOOLONG: ['disk', 'This name is too long for the disk'],
  EMFILE: ['disk', 'Too many files are open'],
  ECONNREFUSED: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ENOTFOUND: unreachable,
  ETIMEDOUT: ['timeout', 'There was no answer in time'],
  ECONNRESET: ['closed', 'The connection was lost'],
  EPIPE: ['closed', 'The connection was lost'],
  EADDRINUSE: ['in-use', 'This address is in use'],
  EADDRNOTAVAIL: ['in-use', 'This machine has no such address'],
};

/** Code and words for an error of the disk or the network; undefined for any other. */
export function systemError(error: unknown): SystemError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, dest } = error as { code?: unknown; path?: unknown; dest?: unknown };
  const found = typeof code === 'string' && Object.hasOwn(table, code) ? table[code] : undefined;
  if (found === undefined) return undefined;
  const where = [dest, path].find((one) => typeof one === 'string');
  return {
    code: found[0],
    message: where === undefined ? `${found[1]}.` : `${found[1]}: ${where}.`,
  };
}
