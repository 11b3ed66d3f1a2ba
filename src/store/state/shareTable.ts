import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import * as z from 'zod';
import { equalBytes } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { ShareRow, StateStore } from '../store.js';
import { blob, flag, parseRow, type Synchronous } from './rows.js';

type ShareTable = Pick<
  StateStore,
  | 'putShare'
  | 'setListed'
  | 'setVerified'
  | 'getShare'
  | 'findShares'
  | 'listShares'
  | 'countShares'
  | 'unnamedShares'
>;

const shareRow = z.object({
  shareId: z.string(),
  groupId: z.string(),
  authorId: z.string(),
  lineage: z.string(),
  createdAt: z.int(),
  manifest: blob,
  name: z.string().nullable(),
  size: z.int().nullable(),
  sha256: z.string().nullable(),
  listed: flag,
  verifiedAt: z.int().nullable(),
  verifiedOk: flag.nullable(),
});
const manifestRow = z.object({ manifest: blob });
const countRow = z.object({ count: z.int() });
/** Most rows that one call answers, whatever it asks for. */
const maxPage = 10_000;
/** `createdAt` and share id of the last row of a page. */
const cursorPattern = /^(\d{1,16}):([0-9a-f]{32})$/;

const newest = 'ORDER BY createdAt DESC, shareId DESC LIMIT ?';

export function shareTable(database: DatabaseSync): Synchronous<ShareTable> {
  const manifest = database.prepare('SELECT manifest FROM shares WHERE shareId = ?');
  // What became known or listed stays so: facts arrive in any order.
  const put = database.prepare(
    `INSERT INTO shares
       (shareId, groupId, authorId, lineage, createdAt, manifest, name, size, sha256, listed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (shareId) DO UPDATE SET
       name = coalesce(excluded.name, name),
       size = coalesce(excluded.size, size),
       sha256 = coalesce(excluded.sha256, sha256),
       listed = max(excluded.listed, listed)`,
  );
  const list = database.prepare('UPDATE shares SET listed = 1 WHERE shareId = ?');
  const verified = database.prepare(
    'UPDATE shares SET verifiedAt = ?, verifiedOk = ? WHERE shareId = ?',
  );
  const get = database.prepare('SELECT * FROM shares WHERE shareId = ?');
  const first = database.prepare(`SELECT * FROM shares WHERE listed = 1 ${newest}`);
  const next = database.prepare(
    `SELECT * FROM shares WHERE listed = 1 AND (createdAt, shareId) < (?, ?) ${newest}`,
  );
  const unnamed = database.prepare('SELECT * FROM shares WHERE name IS NULL LIMIT ?');
  const count = database.prepare('SELECT count(*) AS count FROM shares WHERE listed = 1');
  const find = (column: string) =>
    database.prepare(`SELECT * FROM shares WHERE listed = 1 AND ${column} ${newest}`);
  const byName = find('name = ?');
  const byLineage = find('lineage = ?');
  // 'g' sorts after every hexadecimal digit.
  const byPrefix = find("shareId >= ?1 AND shareId < ?1 || 'g'");
  const share = (row: unknown): ShareRow => parseRow(shareRow, row);

  return {
    putShare: (row) => {
      const known = manifest.get(row.shareId);
      if (known !== undefined && !equalBytes(parseRow(manifestRow, known).manifest, row.manifest)) {
        throw new PeerError('exists', 'Another manifest is known under this share id.', {
          details: { shareId: row.shareId },
        });
      }
      const sealed: SQLInputValue[] = [row.name, row.size, row.sha256];
      const { shareId, groupId, authorId, lineage, createdAt, listed } = row;
      put.run(
        ...[shareId, groupId, authorId, lineage, createdAt, row.manifest],
        ...[...sealed, listed ? 1 : 0],
      );
    },
    setListed: (shareId) => {
      list.run(shareId);
    },
    setVerified: (shareId, at, ok) => {
      verified.run(at, ok ? 1 : 0, shareId);
    },
    getShare: (shareId) => {
      const row = get.get(shareId);
      return row === undefined ? null : share(row);
    },
    findShares: (query, limit) => {
      const bound = Math.min(limit, maxPage);
      if (query.name !== undefined) return byName.all(query.name, bound).map(share);
      if (query.lineage !== undefined) return byLineage.all(query.lineage, bound).map(share);
      if (query.idPrefix === undefined || !/^[0-9a-f]{1,32}$/.test(query.idPrefix)) return [];
      return byPrefix.all(query.idPrefix, bound).map(share);
    },
    listShares: (cursor, limit) => {
      const bound = Math.min(Math.max(1, limit), maxPage);
      const rows = cursor === null ? first.all(bound) : next.all(...parseCursor(cursor), bound);
      const shares = rows.map(share);
      const last = shares.at(-1);
      const full = shares.length === bound && last !== undefined;
      return { shares, cursor: full ? `${String(last.createdAt)}:${last.shareId}` : null };
    },
    unnamedShares: (limit) => unnamed.all(Math.min(limit, maxPage)).map(share),
    countShares: () => parseRow(countRow, count.get()).count,
  };
}

function parseCursor(cursor: string): [number, string] {
  const match = cursorPattern.exec(cursor);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new PeerError('usage', 'This is not a cursor of a list of shares.');
  }
  return [Number(match[1]), match[2]];
}
