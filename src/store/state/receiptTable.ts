import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { StateStore } from '../store.js';
import { blob, parseRow, type Synchronous } from './rows.js';

type ReceiptTable = Pick<StateStore, 'putReceipts' | 'receipts' | 'shardsByHolder'>;

const receiptRow = z.object({
  shareId: z.string(),
  shard: z.int(),
  holderId: z.string(),
  root: z.string(),
  bytes: blob,
});
const countRow = z.object({ holderId: z.string(), count: z.int() });

export function receiptTable(database: DatabaseSync): Synchronous<ReceiptTable> {
  const put = database.prepare(
    `INSERT INTO receipts (shareId, shard, holderId, root, bytes) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET root = excluded.root, bytes = excluded.bytes`,
  );
  const get = database.prepare('SELECT * FROM receipts WHERE shareId = ? ORDER BY shard, holderId');
  const counts = database.prepare(
    'SELECT holderId, count(*) AS count FROM receipts GROUP BY holderId',
  );
  return {
    putReceipts: (receipts) => {
      for (const { shareId, shard, holderId, root, bytes } of receipts) {
        put.run(shareId, shard, holderId, root, bytes);
      }
    },
    receipts: (shareId) => get.all(shareId).map((row) => parseRow(receiptRow, row)),
    shardsByHolder: () => {
      const rows = counts.all().map((row) => parseRow(countRow, row));
      return new Map(rows.map(({ holderId, count }) => [holderId, count]));
    },
  };
}
