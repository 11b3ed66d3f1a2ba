import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { StateStore } from '../store.js';
import { parseRow, type Synchronous } from './rows.js';

type AbsenceTable = Pick<StateStore, 'absences' | 'putAbsences'>;

const absenceRow = z.object({ nodeId: z.string(), awayMs: z.int().min(0) });

export function absenceTable(database: DatabaseSync): Synchronous<AbsenceTable> {
  const all = database.prepare('SELECT nodeId, awayMs FROM absences');
  const clear = database.prepare('DELETE FROM absences');
  const put = database.prepare('INSERT INTO absences (nodeId, awayMs) VALUES (?, ?)');
  return {
    absences: () => {
      const rows = all.all().map((row) => parseRow(absenceRow, row));
      return new Map(rows.map(({ nodeId, awayMs }) => [nodeId, awayMs]));
    },
    putAbsences: (away) => {
      clear.run();
      for (const [nodeId, awayMs] of away) put.run(nodeId, Math.round(awayMs));
    },
  };
}
