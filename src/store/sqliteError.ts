import { PeerError } from '../common/errors.js';
import { diskError } from './layout.js';

// Primary result codes of SQLite (https://sqlite.org/rescode.html).
export const sqliteBusy = 5;
const sqliteReadOnly = 8;
const sqliteIoError = 10;
const sqliteCorrupt = 11;
const sqliteFull = 13;
const sqliteCannotOpen = 14;
const sqliteNotADatabase = 26;

export interface SqliteError extends Error {
  readonly code: 'ERR_SQLITE_ERROR';
  /** Extended result code; the low byte is the primary one. */
  readonly errcode: number;
}

export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && (error as { code?: unknown }).code === 'ERR_SQLITE_ERROR';
}

export function isDamage(error: unknown): boolean {
  if (!isSqliteError(error)) return false;
  const primary = error.errcode & 0xff;
  return primary === sqliteCorrupt || primary === sqliteNotADatabase;
}

/** What a failing statement means to the callers of the store. */
export function stateError(error: unknown): PeerError {
  if (!isSqliteError(error)) return diskError(error);
  const options = { cause: error };
  switch (error.errcode & 0xff) {
    case sqliteFull:
      return diskError(Object.assign(new Error(error.message), { code: 'ENOSPC' }));
    case sqliteBusy:
      return new PeerError('in-use', 'Another process holds the database of this peer.', options);
    case sqliteCorrupt:
    case sqliteNotADatabase:
      return new PeerError('disk', 'The database of this peer is damaged.', {
        ...options,
        hint: 'Start the peer again: it sets the database aside and rebuilds it from the shards.',
      });
    case sqliteReadOnly:
    case sqliteIoError:
    case sqliteCannotOpen:
      return new PeerError('disk', `The database cannot be used: ${error.message}`, options);
    default:
      return new PeerError('internal', `The database refuses: ${error.message}`, options);
  }
}
