import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { StateStore } from '../store.js';
import { parseRow, type Synchronous } from './rows.js';

type TombstoneTable = Pick<StateStore, 'deletedSince' | 'addUptime'>;

/** One for each signer, so that nobody fills the log by signing anew. `since`: the uptime at which it came. */
export const tombstoneTables = `
  CREATE TABLE tombstones (
    shareId TEXT NOT NULL,
    signer INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (shareId, signer)
  ) STRICT, WITHOUT ROWID;
`;

const sinceRow = z.object({ since: z.int().nullable() });
const uptimeRow = z.object({ ms: z.int() });

export function tombstoneTable(database: DatabaseSync): Synchronous<TombstoneTable> {
  const since = database.prepare('SELECT min(since) AS since FROM tombstones WHERE shareId = ?');
  const add = database.prepare(
    `INSERT INTO meta (key, value) VALUES ('uptime', ?)
     ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + CAST(excluded.value AS INTEGER)
     RETURNING CAST(value AS INTEGER) AS ms`,
  );
  return {
    deletedSince: (shareIds) => {
      const deleted = new Map<string, number>();
      for (const shareId of shareIds) {
        const row = parseRow(sinceRow, since.get(shareId));
        if (row.since !== null) deleted.set(shareId, row.since);
      }
      return deleted;
    },
    addUptime: (ms) => parseRow(uptimeRow, add.get(String(Math.max(0, Math.round(ms))))).ms,
  };
}
