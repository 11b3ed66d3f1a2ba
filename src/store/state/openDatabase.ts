import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { ensureFile, layoutOf, type Layout } from '../layout.js';
import { stateLimits } from '../limits.js';
import { isDamage } from '../sqliteError.js';
import type { RecoveryReport } from '../store.js';
import { logTable } from './logTable.js';
import { migrate } from './migrate.js';
import { RecoveryLog } from './recoveryLog.js';
import { rebuild, recordEntries } from './rebuild.js';
import { checkSchema, createSchema, schemaVersion } from './schema.js';
import { allSettings } from './settingsTable.js';

export interface OpenedDatabase {
  readonly database: DatabaseSync;
  readonly recovery: RecoveryLog;
  /** What was done about a lost or damaged database; null for an orderly one and for a new directory. */
  readonly report: RecoveryReport | null;
}

/**
 * Opens the database of a data directory. A damaged one is set aside and, like a lost one, made anew
 * from what lies beside it.
 *
 * @throws {PeerError} `unsupported` when a newer version made it.
 */
export function openDatabase(
  dataDir: string,
  wholeUpTo = stateLimits.checkedWholeBytes,
): OpenedDatabase {
  const layout = layoutOf(dataDir);
  try {
    return open(layout, wholeUpTo);
  } catch (error) {
    if (!isDamage(error)) throw error;
    // Met where the quick look had not been: now all of it is checked, and set aside if need be.
    ensureFile(layout.suspect);
    return open(layout, wholeUpTo);
  }
}

function open(layout: Layout, wholeUpTo: number): OpenedDatabase {
  let setAside: string | null = null;
  let database = tryOpen(layout, wholeUpTo);
  if (database === null) {
    setAside = moveAside(layout.database);
    database = tryOpen(layout, wholeUpTo);
    if (database === null) throw new PeerError('disk', 'A new database is damaged at once.');
  }
  // What was suspected is checked now, or lies aside.
  rmSync(layout.suspect, { force: true });
  const recovery = new RecoveryLog(layout.recovery);
  try {
    let report: RecoveryReport | null = null;
    const version = checkSchema(database);
    if (version > 0 && version < schemaVersion) migrate(database, version);
    if (version === 0) {
      database.exec('BEGIN IMMEDIATE');
      createSchema(database);
      const rebuilt = rebuild(database, recovery.recovered, layout);
      database.exec('COMMIT');
      const found = rebuilt.shares + rebuilt.records + rebuilt.skipped.length > 0;
      if (found || setAside !== null) report = { setAside, ...rebuilt };
    } else {
      takeOver(recovery, database);
      complete(recovery, database);
    }
    return { database, recovery, report };
  } catch (error) {
    database.close();
    recovery.close();
    throw error;
  }
}

/**
 * Takes over records that are in the recovery log alone: a process died before its database had them. Who signed one must
 * not sign another one in its place, or both come out of the log when the database is lost, as proof of misuse.
 */
function takeOver({ recovered }: RecoveryLog, database: DatabaseSync): void {
  const log = logTable(database, { addRecord: () => undefined });
  database.exec('BEGIN IMMEDIATE');
  log.append(recordEntries(recovered));
  database.exec('COMMIT');
}

/** Writes to the recovery log what it lacks: it may have been lost, or have rotted. */
function complete(recovery: RecoveryLog, database: DatabaseSync): void {
  const { recovered } = recovery;
  const known = new Set(recovered.records.map(toHex));
  for (const bytes of logTable(database, recovery).records()) {
    if (!known.has(toHex(bytes))) recovery.addRecord(bytes);
  }
  for (const [key, value] of allSettings(database)) {
    if (recovered.settings.get(key) !== value) recovery.addSetting(key, value);
  }
  recovery.flush();
}

/** Of a large database only these are read through when it is opened. */
const smallTables = [
  'meta',
  'settings',
  'cursors',
  'peers',
  'invites',
  'ids',
  'holders',
  'absences',
];

/** Null when the file is damaged. */
function tryOpen({ database: file, suspect }: Layout, wholeUpTo: number): DatabaseSync | null {
  // SQLite would make it readable by all; -wal and -shm take over its mode.
  ensureFile(file);
  const database = new DatabaseSync(file, { timeout: 5000, enableForeignKeyConstraints: true });
  try {
    // Before anything is changed in it: it may be a newer version's.
    checkSchema(database);
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF',
    );
    // macOS alone: what fsync leaves in the cache of the drive is not durable there.
    database.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
    const suspected = existsSync(suspect);
    const sound = isSound(database, suspected || statSync(file).size <= wholeUpTo);
    // The check does not hold indexes against their tables.
    if (sound && suspected) database.exec('REINDEX');
    if (sound) return database;
    database.close();
    return null;
  } catch (error) {
    database.close();
    if (isDamage(error)) return null;
    throw error;
  }
}

function isSound(database: DatabaseSync, whole: boolean): boolean {
  const check = (what: string): boolean =>
    database.prepare(`PRAGMA quick_check(${what})`).get()?.['quick_check'] === 'ok';
  if (whole) return check('1');
  const there = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  return smallTables.every((table) => there.get(table) === undefined || check(table));
}

/** Renames the database with its journals; nothing is ever deleted. */
function moveAside(file: string): string {
  const suffix = `.damaged-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const part of ['', '-wal', '-shm']) {
    if (existsSync(file + part)) renameSync(file + part, file + suffix + part);
  }
  return file + suffix;
}
