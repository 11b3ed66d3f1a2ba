import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { decodeManifest } from '../../chunk/manifest.js';
import { decodeReceipt } from '../../chunk/receipt.js';
import { toHex } from '../../common/bytes.js';
import { newReceipt, newShare } from '../facts.js';
import type { ShareName } from '../store.js';
import { factTable } from './factTable.js';
import { blob, flag, parseRow } from './rows.js';
import {
  catalogTables,
  changesOfThird,
  logTables,
  schemaVersion,
  tablesOfThird,
  versionIndexes,
} from './schema.js';

const shareRow = z.object({
  manifest: blob,
  name: z.string().nullable(),
  size: z.int().nullable(),
  sha256: z.string().nullable(),
  listed: flag,
  verifiedAt: z.int().nullable(),
  verifiedOk: z.int().nullable(),
});
const bytesRow = z.object({ bytes: blob });

/** Brings the tables of an earlier version up to date, in a transaction of its own; places in the log stay. */
export function migrate(database: DatabaseSync, from: number): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    if (from === 1) fromFirst(database);
    else database.exec(fromSecond);
    database.exec(`PRAGMA user_version = ${String(schemaVersion)}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Version 2 had a log of three kinds, which no statement can widen, and took the order of versions from clocks alone. */
const fromSecond = `
  DROP INDEX log_records;
  ALTER TABLE log RENAME TO log_2;
  ${logTables}
  INSERT INTO log SELECT seq, kind, id, bytes FROM log_2 ORDER BY seq;
  DROP TABLE log_2;
  DROP INDEX shares_versions;
  ALTER TABLE shares ADD COLUMN prev TEXT;
  ALTER TABLE shares ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
  UPDATE shares SET rank = createdAt;
  ALTER TABLE receipts ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE receipts ADD COLUMN released INTEGER NOT NULL DEFAULT 0;
  ${versionIndexes}
  ${tablesOfThird}
  ${changesOfThird}
`;

/** Version 1 kept signed bytes twice, and had lists read manifests and receipts. */
function fromFirst(database: DatabaseSync): void {
  const old = ['log', 'shares', 'receipts'];
  for (const index of ['log_records', 'newest', 'name', 'unnamed', 'lineage']) {
    database.exec(`DROP INDEX ${index === 'log_records' ? index : `shares_${index}`}`);
  }
  for (const table of old) database.exec(`ALTER TABLE ${table} RENAME TO ${table}_1`);
  database.exec(catalogTables + tablesOfThird + changesOfThird);
  database.exec('INSERT INTO log SELECT seq, kind, unhex(id), bytes FROM log_1 ORDER BY seq');
  const { take } = factTable(database);
  const receipts = database.prepare(
    'SELECT bytes FROM receipts_1 WHERE shareId = ? ORDER BY shard, holderId',
  );
  const set = database.prepare(
    'UPDATE shares SET listed = max(listed, ?), verifiedAt = ?, verifiedOk = ? WHERE shareId = ?',
  );
  const factsOf = (rows: Iterable<unknown>) =>
    [...rows].map((row) => {
      const { bytes } = parseRow(bytesRow, row);
      return {
        ...entry(bytes),
        kind: 'receipt' as const,
        receipt: newReceipt(decodeReceipt(bytes)),
      };
    });
  for (const row of database.prepare('SELECT * FROM shares_1').iterate()) {
    const { manifest: bytes, name, size, sha256, listed, ...verified } = parseRow(shareRow, row);
    const known = name !== null && size !== null && sha256 !== null;
    // The first version knew no folders.
    const opened: ShareName | null = known ? { name, kind: 'file', size, sha256 } : null;
    const share = newShare(decodeManifest(bytes), opened);
    const { shareId } = share;
    take([{ ...entry(bytes), kind: 'manifest', share }, ...factsOf(receipts.all(shareId))]);
    set.run(listed ? 1 : 0, verified.verifiedAt, verified.verifiedOk, shareId);
  }
  const orphans = database.prepare(
    'SELECT bytes FROM receipts_1 WHERE shareId NOT IN (SELECT shareId FROM shares_1)',
  );
  take(factsOf(orphans.iterate()));
  for (const table of old) database.exec(`DROP TABLE ${table}_1`);
}

function entry(bytes: Uint8Array): { id: string; bytes: Uint8Array } {
  return { id: toHex(createHash('sha256').update(bytes).digest()), bytes };
}
