import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import type { ListQuery, StateStore } from '../store.js';
import { idTable } from './ids.js';
import { parseRow, type Synchronous } from './rows.js';
import { formatCursor, parseCursor } from './shareTable.js';
import { stateLimits } from '../limits.js';

type ListTable = Pick<StateStore, 'listText'>;

const pageRow = z.object({ count: z.int(), rows: z.string(), authors: z.string() });
const numbers = z.array(z.int());
const placeRow = z.object({ createdAt: z.int(), name: z.string() });

/** Shards that count, those of holders that are not to count left out. The slow way: what is kept in `held` has all. */
const heldWithout = `(SELECT count(DISTINCT shard) FROM receipts r
  WHERE r.shareId = s.shareId AND counts = 1 AND holder NOT IN (SELECT value FROM json_each(?)))`;

const newestOrder = 'ORDER BY createdAt DESC, shareId DESC LIMIT ?';
const nameOrder = 'ORDER BY name, shareId LIMIT ?';
const after = {
  newest: `(createdAt, shareId) < (?, ?) ${newestOrder}`,
  name: `(name, shareId) > (?, ?) ${nameOrder}`,
  prefix: `(name, shareId) > (?, ?) AND name < ? ${nameOrder}`,
} as const;

/** The list as text: rows go through no object on their way to the client. */
export function listTable(database: DatabaseSync): Synchronous<ListTable> {
  const ids = idTable(database);
  const shown = 'listed = 1 AND superseded <= ?';
  // The order of a subquery with a limit is the order in which rows are gathered.
  const page = (where: string, held: string) =>
    database.prepare(
      `SELECT count(*) AS count, json_group_array(json_array(
         name, kind, size, author, createdAt, k, m, ${held} - k, superseded, shareId)) AS rows,
         json_group_array(DISTINCT author) AS authors
       FROM (SELECT * FROM shares WHERE ${shown} AND ${where}) s`,
    );
  const statements = (where: string) => ({
    quick: page(where, 'held'),
    exact: page(where, heldWithout),
  });
  const by = {
    newest: statements(after.newest),
    name: statements(after.name),
    prefix: statements(after.prefix),
  };
  const placeOf = database.prepare('SELECT createdAt, name FROM shares WHERE shareId = ?');

  /** Where a page begins: bounds of its query. Shares that have newer versions are stepped over: they are few. */
  const begin = ({ order, prefix, cursor }: ListQuery): [keyof typeof by, SQLInputValue[]] => {
    if (order === 'newest' && prefix === undefined) {
      // After every time and every share id.
      return ['newest', cursor === null ? [Number.MAX_SAFE_INTEGER, 'g'] : parseCursor(cursor)];
    }
    const from: [string, string] = [prefix ?? '', ''];
    if (cursor !== null) {
      // A name may be longer than a cursor, and never changes: the share stands for it.
      const row = /^[0-9a-f]{32}$/.test(cursor) ? placeOf.get(cursor) : undefined;
      if (row === undefined) {
        throw new PeerError('usage', 'This is not a cursor of a list by name.');
      }
      from[0] = parseRow(placeRow, row).name;
      from[1] = cursor;
    }
    if (prefix === undefined) return ['name', from];
    return ['prefix', [...from, `${prefix}\u{10ffff}`]];
  };

  const cursorAfter = (kind: keyof typeof by, shareId: string): string =>
    kind === 'newest'
      ? formatCursor({ shareId, ...parseRow(placeRow, placeOf.get(shareId)) })
      : shareId;

  return {
    listText: (query) => {
      const limit = Math.min(Math.max(1, query.limit), stateLimits.listPage);
      const [kind, place] = begin(query);
      const bounds = [query.versions === true ? 1 : 0, ...place];
      const { quick, exact } = by[kind];
      const strangers = (query.without ?? []).map((id) => ids.find(id)).filter((n) => n !== null);
      const { count, rows, authors } = parseRow(
        pageRow,
        strangers.length === 0
          ? quick.get(...bounds, limit)
          : exact.get(JSON.stringify(strangers), ...bounds, limit),
      );
      return {
        rows,
        authors: Object.fromEntries(
          numbers.parse(JSON.parse(authors)).map((n) => [String(n), ids.idOf(n)]),
        ),
        cursor: count < limit ? null : cursorAfter(kind, lastShare(rows)),
      };
    },
  };
}

/** A row ends with its share id, and a page with its last row: a query for it would walk through the page again. */
function lastShare(rows: string): string {
  const end = rows.length - '"]]'.length;
  return rows.slice(end - 32, end);
}
