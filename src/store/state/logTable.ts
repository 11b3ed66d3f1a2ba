import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { toHex } from '../../common/bytes.js';
import { logKinds, type StateStore } from '../store.js';
import type { RecoveryLog } from './recoveryLog.js';
import { blob, parseRow, type Synchronous } from './rows.js';

type LogTable = Pick<
  StateStore,
  | 'append'
  | 'logAfter'
  | 'lastSeq'
  | 'entryAt'
  | 'knownEntries'
  | 'getCursor'
  | 'setCursor'
  | 'records'
>;

const seqRow = z.object({ seq: z.int() });
const bytesRow = z.object({ bytes: blob });
const cursorRow = z.object({ epoch: z.string(), seq: z.int(), id: z.string().nullable() });
const idRow = z.object({ id: blob.transform(toHex) });
const entryRow = z.object({
  seq: z.int(),
  kind: z.enum(logKinds),
  id: blob.transform(toHex),
  bytes: blob,
});

export function logTable(
  database: DatabaseSync,
  recovery: Pick<RecoveryLog, 'addRecord'>,
): Synchronous<LogTable> {
  const last = database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM log');
  // Without AUTOINCREMENT: what is rolled back leaves no gap that readers would wait for.
  const insert = database.prepare(
    'INSERT INTO log (kind, id, bytes) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  // Entries of deleted shares have given their bytes back.
  const after = database.prepare(
    'SELECT * FROM log WHERE seq > ? AND length(bytes) > 0 ORDER BY seq LIMIT ?',
  );
  const records = database.prepare("SELECT bytes FROM log WHERE kind = 'record' ORDER BY seq");
  const getCursor = database.prepare('SELECT epoch, seq, id FROM cursors WHERE nodeId = ?');
  const setCursor = database.prepare(
    `INSERT INTO cursors (nodeId, epoch, seq, id) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, id = excluded.id`,
  );
  const at = database.prepare('SELECT id FROM log WHERE seq = ?');
  const known = database.prepare('SELECT 1 FROM log WHERE id = ?');
  const lastSeq = (): number => parseRow(seqRow, last.get()).seq;
  return {
    lastSeq,
    append: (entries) => {
      const added: string[] = [];
      for (const { kind, id, bytes } of entries) {
        if (insert.run(kind, idBytes(id), bytes).changes === 0) continue;
        added.push(id);
        if (kind === 'record') recovery.addRecord(bytes);
      }
      return { added, last: lastSeq() };
    },
    logAfter: (seq, maxEntries, maxBytes) => {
      const page = [];
      let size = 0;
      for (const row of after.iterate(seq, Math.max(1, maxEntries))) {
        const entry = parseRow(entryRow, row);
        size += entry.bytes.byteLength;
        if (page.length > 0 && size > maxBytes) break;
        page.push(entry);
      }
      return page;
    },
    knownEntries: (ids) => ids.filter((id) => known.get(idBytes(id)) !== undefined),
    getCursor: (nodeId) => {
      const row = getCursor.get(nodeId);
      return row === undefined ? null : parseRow(cursorRow, row);
    },
    setCursor: (nodeId, { epoch, seq, id }) => {
      setCursor.run(nodeId, epoch, seq, id);
    },
    entryAt: (seq) => {
      const row = at.get(seq);
      return row === undefined ? null : parseRow(idRow, row).id;
    },
    records: () => records.all().map((row) => parseRow(bytesRow, row).bytes),
  };
}

/** Ids are hex everywhere but in the file, where they are half as long. */
export function idBytes(id: string): Uint8Array {
  return Buffer.from(id, 'hex');
}
