import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import { parseRow } from './rows.js';

const numberRow = z.object({ n: z.int() });
const idRow = z.object({ id: z.string() });

/** Small numbers for the ids of nodes and groups, which every row would otherwise repeat in 64 digits. */
export interface Ids {
  /** The number of an id, given out when it has none. */
  numberOf(id: string): number;
  /** Null when it has none. */
  find(id: string): number | null;
  idOf(n: number): string;
}

export function idTable(database: DatabaseSync): Ids {
  const find = database.prepare('SELECT n FROM ids WHERE id = ?');
  const add = database.prepare('INSERT INTO ids (id) VALUES (?) RETURNING n');
  const get = database.prepare('SELECT id FROM ids WHERE n = ?');
  const known = (id: string): number | null => {
    const row = find.get(id);
    return row === undefined ? null : parseRow(numberRow, row).n;
  };
  return {
    numberOf: (id) => known(id) ?? parseRow(numberRow, add.get(id)).n,
    find: known,
    idOf: (n) => {
      const row = get.get(n);
      if (row === undefined) throw new PeerError('disk', 'The database lacks an id.');
      return parseRow(idRow, row).id;
    },
  };
}
