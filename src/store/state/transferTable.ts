import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { StateStore } from '../store.js';
import { parseRow, type Synchronous } from './rows.js';

type TransferTable = Pick<StateStore, 'transfers' | 'putTransfer' | 'dropTransfer'>;

/** What goes on after a restart. */
export const transferTables = `
  CREATE TABLE transfers (
    transferId TEXT PRIMARY KEY, startedAt INTEGER NOT NULL, task TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

const transferRow = z.object({ transferId: z.string(), startedAt: z.int(), task: z.string() });

export function transferTable(database: DatabaseSync): Synchronous<TransferTable> {
  const all = database.prepare('SELECT * FROM transfers ORDER BY startedAt, transferId');
  const put = database.prepare(
    `INSERT INTO transfers (transferId, startedAt, task) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET task = excluded.task`,
  );
  const drop = database.prepare('DELETE FROM transfers WHERE transferId = ?');
  return {
    transfers: () => all.all().map((row) => parseRow(transferRow, row)),
    putTransfer: ({ transferId, startedAt, task }) => {
      put.run(transferId, startedAt, task);
    },
    dropTransfer: (transferId) => {
      drop.run(transferId);
    },
  };
}
