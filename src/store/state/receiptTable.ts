import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { StateStore } from '../store.js';
import { blob, flag, parseRow, type Synchronous } from './rows.js';
import { stateLimits } from '../limits.js';

type ReceiptTable = Pick<
  StateStore,
  'receipts' | 'heldBy' | 'wordOf' | 'heldOf' | 'shardsByHolder'
>;

const receiptRow = z.object({
  shareId: z.string(),
  shard: z.int(),
  holderId: z.string(),
  counts: flag,
  bytes: blob,
});
const heldRow = z.object({ shareId: z.string(), shard: z.int(), holderId: z.string() });
const countRow = z.object({ holderId: z.string(), shards: z.int() });
const wordRow = z.object({ received: z.int().nullable(), released: z.int().nullable() });

export function receiptTable(database: DatabaseSync): Synchronous<ReceiptTable> {
  const get = database.prepare(
    `SELECT shareId, shard, ids.id AS holderId, counts, bytes
     FROM receipts CROSS JOIN ids ON n = holder CROSS JOIN log ON seq = entry
     WHERE shareId = ? ORDER BY shard, holderId`,
  );
  const held = database.prepare(
    `SELECT shareId, shard, ids.id AS holderId FROM receipts CROSS JOIN ids ON n = holder
     WHERE shareId = ? AND counts = 1 ORDER BY shard, holderId`,
  );
  const wordOf = database.prepare(
    `SELECT
       (SELECT round FROM receipts WHERE shareId = ?1 AND shard = ?2 AND holder = n) AS received,
       (SELECT round FROM releases WHERE shareId = ?1 AND shard = ?2 AND holder = n) AS released
     FROM (SELECT (SELECT n FROM ids WHERE id = ?3) AS n)`,
  );
  const heldOf = database.prepare(
    `SELECT shareId, shard, ids.id AS holderId FROM ids CROSS JOIN receipts ON holder = n
     WHERE ids.id = ? AND counts = 1 AND (shareId, shard) > (?, ?) ORDER BY shareId, shard LIMIT ?`,
  );
  const counts = database.prepare(
    'SELECT ids.id AS holderId, shards FROM holders JOIN ids USING (n) WHERE shards > 0',
  );
  return {
    receipts: (shareId) => get.all(shareId).map((row) => parseRow(receiptRow, row)),
    heldBy: (shareIds) =>
      shareIds.flatMap((shareId) => held.all(shareId).map((row) => parseRow(heldRow, row))),
    wordOf: (shareId, shard, holderId) => parseRow(wordRow, wordOf.get(shareId, shard, holderId)),
    heldOf: (holderId, after, limit) =>
      heldOf
        .all(holderId, after?.shareId ?? '', after?.shard ?? -1, Math.min(limit, stateLimits.page))
        .map((row) => parseRow(heldRow, row)),
    shardsByHolder: () => {
      const rows = counts.all().map((row) => parseRow(countRow, row));
      return new Map(rows.map(({ holderId, shards }) => [holderId, shards]));
    },
  };
}
