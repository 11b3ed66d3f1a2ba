import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { StateStore } from '../store.js';
import { blob, flag, parseRow, type Synchronous } from './rows.js';

type ReceiptTable = Pick<StateStore, 'receipts' | 'heldBy' | 'shardsByHolder'>;

const receiptRow = z.object({
  shareId: z.string(),
  shard: z.int(),
  holderId: z.string(),
  counts: flag,
  bytes: blob,
});
const heldRow = z.object({ shareId: z.string(), shard: z.int(), holderId: z.string() });
const countRow = z.object({ holderId: z.string(), shards: z.int() });

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
  const counts = database.prepare(
    'SELECT ids.id AS holderId, shards FROM holders JOIN ids USING (n)',
  );
  return {
    receipts: (shareId) => get.all(shareId).map((row) => parseRow(receiptRow, row)),
    heldBy: (shareIds) =>
      shareIds.flatMap((shareId) => held.all(shareId).map((row) => parseRow(heldRow, row))),
    shardsByHolder: () => {
      const rows = counts.all().map((row) => parseRow(countRow, row));
      return new Map(rows.map(({ holderId, shards }) => [holderId, shards]));
    },
  };
}
