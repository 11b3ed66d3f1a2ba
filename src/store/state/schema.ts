import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { PeerError } from '../../common/errors.js';

/** Version of the tables below, in `user_version`. Raised with a migration; never lowered. */
export const schemaVersion = 1;

const tables = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('record', 'manifest', 'receipt')),
    id TEXT NOT NULL UNIQUE,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX log_records ON log (seq) WHERE kind = 'record';
  CREATE TABLE cursors (
    nodeId TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE shares (
    shareId TEXT PRIMARY KEY,
    groupId TEXT NOT NULL,
    authorId TEXT NOT NULL,
    lineage TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    manifest BLOB NOT NULL,
    name TEXT,
    size INTEGER,
    sha256 TEXT,
    listed INTEGER NOT NULL,
    verifiedAt INTEGER,
    verifiedOk INTEGER
  ) STRICT;
  CREATE INDEX shares_newest ON shares (createdAt DESC, shareId DESC) WHERE listed = 1;
  CREATE INDEX shares_name ON shares (name) WHERE listed = 1;
  CREATE INDEX shares_unnamed ON shares (shareId) WHERE name IS NULL;
  CREATE INDEX shares_lineage ON shares (lineage) WHERE listed = 1;
  CREATE TABLE receipts (
    shareId TEXT NOT NULL,
    shard INTEGER NOT NULL,
    holderId TEXT NOT NULL,
    root TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (shareId, shard, holderId)
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
 * @returns whether the database is empty, so that {@link createSchema} is to be called.
 * @throws {PeerError} `unsupported` when a newer version of the product made it.
 */
export function checkSchema(database: DatabaseSync): boolean {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > schemaVersion) {
    throw new PeerError('unsupported', 'A newer version of this product made the database.', {
      hint: 'Update this program, or use another data directory.',
      details: { found: version, supported: schemaVersion },
    });
  }
  return version === 0;
}

/** Inside the caller's transaction, so that a half-made database is never seen. */
export function createSchema(database: DatabaseSync): void {
  database.exec(tables);
  database
    .prepare("INSERT INTO meta (key, value) VALUES ('epoch', ?)")
    .run(randomBytes(16).toString('hex'));
  database.exec(`PRAGMA user_version = ${String(schemaVersion)}`);
}
