import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { PeerError } from '../../common/errors.js';
import { tombstoneTables } from './tombstoneTable.js';
import { transferTables } from './transferTable.js';

/** Version of the tables below, in `user_version`. Raised with a migration; never lowered. */
export const schemaVersion = 3;

/** Of whatever kind: who reads an entry looks at it, and a new kind needs no new table. */
export const logTables = `
  CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id BLOB NOT NULL UNIQUE,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX log_records ON log (seq) WHERE kind = 'record';
`;

/** `rank` is the order of versions: see versionOrder.ts. */
export const versionIndexes = `
  CREATE INDEX shares_versions ON shares (lineage, author, rank, createdAt, shareId) WHERE listed = 1;
  CREATE INDEX shares_next ON shares (prev) WHERE prev IS NOT NULL;
  CREATE INDEX shares_older ON shares (author, lineage) WHERE listed = 1 AND superseded = 1;
`;

/**
 * Signed bytes lie in `log` alone; `shares` and `receipts` point at them (`entry`) and keep what lists and look-ups
 * need, so that neither reads a manifest. `held` (shards that count), `superseded` and `holders` are kept up to date
 * with every receipt: see factTable.ts.
 */
export const catalogTables = `
  ${logTables}
  CREATE TABLE ids (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE shares (
    shareId TEXT PRIMARY KEY,
    inGroup INTEGER NOT NULL,
    author INTEGER NOT NULL,
    lineage TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    k INTEGER NOT NULL,
    m INTEGER NOT NULL,
    chunksPerShard INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT,
    size INTEGER,
    sha256 TEXT,
    held INTEGER NOT NULL DEFAULT 0,
    listed INTEGER NOT NULL DEFAULT 0,
    superseded INTEGER NOT NULL DEFAULT 0,
    verifiedAt INTEGER,
    verifiedOk INTEGER,
    prev TEXT,
    rank INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX shares_newest ON shares (createdAt DESC, shareId DESC) WHERE listed = 1;
  CREATE INDEX shares_name ON shares (name, shareId) WHERE listed = 1;
  CREATE INDEX shares_unnamed ON shares (shareId) WHERE name = '';
  ${versionIndexes}
  CREATE TABLE receipts (
    shareId TEXT NOT NULL,
    shard INTEGER NOT NULL,
    holder INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    counts INTEGER NOT NULL,
    round INTEGER NOT NULL DEFAULT 0,
    released INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (shareId, shard, holder)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE holders (n INTEGER PRIMARY KEY, shards INTEGER NOT NULL) STRICT;
`;

/** Who gave up what, and who has been away for how long. */
const holdingTables = `
  CREATE TABLE releases (
    shareId TEXT NOT NULL,
    shard INTEGER NOT NULL,
    holder INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    round INTEGER NOT NULL,
    PRIMARY KEY (shareId, shard, holder)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE absences (nodeId TEXT PRIMARY KEY, awayMs INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Tables of version 3 that earlier versions had not. */
export const tablesOfThird = [tombstoneTables, holdingTables, transferTables].join('');
/** What version 3 changed of tables that it shares with all earlier versions. */
export const changesOfThird = ['ALTER TABLE cursors ADD COLUMN id TEXT;'].join('');

const tables = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE cursors (
    nodeId TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE peers (
    nodeId TEXT PRIMARY KEY, addresses TEXT NOT NULL, lastSeen INTEGER NOT NULL, stays INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE invites (
    tokenHash TEXT PRIMARY KEY,
    groupId TEXT NOT NULL,
    role TEXT NOT NULL,
    expiresAt INTEGER NOT NULL,
    redeemedBy TEXT
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Checks what was opened.
 *
 * @returns its version: 0 when it is empty, so that {@link createSchema} is to be called; below
 * {@link schemaVersion} when it is to be migrated.
 * @throws {PeerError} `unsupported` when a newer version of the product made it.
 */
export function checkSchema(database: DatabaseSync): number {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > schemaVersion) {
    throw new PeerError('unsupported', 'A newer version of this product made the database.', {
      hint: 'Update this program, or use another data directory.',
      details: { found: version, supported: schemaVersion },
    });
  }
  return version;
}

/** Inside the caller's transaction, so that a half-made database is never seen. */
export function createSchema(database: DatabaseSync): void {
  database.exec(tables + catalogTables + tablesOfThird);
  database
    .prepare("INSERT INTO meta (key, value) VALUES ('epoch', ?)")
    .run(randomBytes(16).toString('hex'));
  database.exec(`PRAGMA user_version = ${String(schemaVersion)}`);
}
