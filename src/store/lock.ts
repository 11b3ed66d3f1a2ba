import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Disposable, toDisposable } from '../common/disposable.js';
import { PeerError } from '../common/errors.js';
import { ensureDirectory, fileMode, layoutOf } from './layout.js';
import { isSqliteError, sqliteBusy } from './sqliteError.js';

/**
 * Takes the data directory for this process until disposed. The operating system gives it back when
 * the process dies, however that happens.
 *
 * @throws {PeerError} `in-use` while another process (or another part of this one) holds it.
 */
export function acquireLock(dataDir: string): Disposable {
  ensureDirectory(dataDir);
  const file = layoutOf(dataDir).lock;
  // SQLite would make it readable by all.
  closeSync(openSync(file, 'a', fileMode));
  const database = new DatabaseSync(file, { timeout: 0 });
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
