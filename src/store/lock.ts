import { DatabaseSync } from 'node:sqlite';
import { type Disposable, toDisposable } from '../common/disposable.js';
import { PeerError } from '../common/errors.js';
import { diskError, ensureDirectory, ensureFile, layoutOf } from './layout.js';
import { isSqliteError, sqliteBusy } from './sqliteError.js';

/**
 * Takes the data directory for this process until disposed. The operating system gives it back when
 * the process dies, however that happens.
 *
 * @throws {PeerError} `in-use` while another process (or another part of this one) holds it; `disk`
 */
export function acquireLock(dataDir: string): Disposable {
  const file = layoutOf(dataDir).lock;
  const database = openLockFile(dataDir, file);
  try {
    // The open transaction is the lock. Nothing is ever written into the file.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (isSqliteError(cause) && cause.errcode === sqliteBusy) {
      throw new PeerError('in-use', 'Another process uses this data directory.', {
        cause,
        hint: 'Use the peer that runs already, or another data directory.',
        details: { dataDir },
      });
    }
    throw new PeerError('disk', `The lock of the data directory cannot be taken: ${file}`, {
      cause,
    });
  }
  return toDisposable(() => {
    database.close();
  });
}

function openLockFile(dataDir: string, file: string): DatabaseSync {
  try {
    ensureDirectory(dataDir);
    // SQLite would make it readable by all.
    ensureFile(file);
  } catch (error) {
    throw diskError(error);
  }
  return new DatabaseSync(file, { timeout: 0 });
}
