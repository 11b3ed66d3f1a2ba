import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import type { ShareRow, StateStore, StoredShare, VersionRow } from '../store.js';
import { blob, flag, parseRow, type Synchronous } from './rows.js';
import { stateLimits } from '../limits.js';

type ShareTable = Pick<
  StateStore,
  | 'setVerified'
  | 'getShare'
  | 'findShares'
  | 'listShares'
  | 'countShares'
  | 'countFiles'
  | 'unnamedShares'
  | 'versions'
  | 'lineagesWithVersions'
>;

const shareRow = z.object({
  shareId: z.string(),
  groupId: z.string(),
  authorId: z.string(),
  lineage: z.string(),
  createdAt: z.int(),
  k: z.int(),
  m: z.int(),
  chunksPerShard: z.int(),
  name: z.string().transform((name) => (name === '' ? null : name)),
  kind: z.enum(['file', 'folder']).nullable(),
  size: z.int().nullable(),
  sha256: z.string().nullable(),
  listed: flag,
  superseded: flag,
  verifiedAt: z.int().nullable(),
  verifiedOk: flag.nullable(),
});
const storedRow = shareRow.extend({ manifest: blob });
const versionRow = shareRow.extend({ replacedAt: z.int().nullable() });
const lineageRow = z.object({ lineage: z.string() });
const countRow = z.object({ count: z.int() });
/** `createdAt` and share id of the last row of a page. */
const cursorPattern = /^(\d{1,16}):([0-9a-f]{32})$/;

const columns = `shareId, g.id AS groupId, a.id AS authorId, lineage, createdAt, k, m, chunksPerShard,
  name, s.kind AS kind, size, sha256, listed, superseded, verifiedAt, verifiedOk`;
// CROSS JOIN: in this order, whatever the planner thinks of the sizes.
const withIds = 'CROSS JOIN ids g ON g.n = inGroup CROSS JOIN ids a ON a.n = author';
const newest = 'ORDER BY createdAt DESC, shareId DESC LIMIT ?';

export function shareTable(database: DatabaseSync): Synchronous<ShareTable> {
  const select = (where: string) =>
    database.prepare(`SELECT ${columns} FROM shares s ${withIds} WHERE ${where}`);
  const selectStored = (where: string) =>
    database.prepare(
      `SELECT ${columns}, bytes AS manifest FROM shares s ${withIds} CROSS JOIN log ON seq = entry
       WHERE ${where}`,
    );
  const verified = database.prepare(
    'UPDATE shares SET verifiedAt = ?, verifiedOk = ? WHERE shareId = ?',
  );
  const get = selectStored('shareId = ?');
  const first = select(`listed = 1 AND superseded = 0 ${newest}`);
  const next = select(`listed = 1 AND superseded = 0 AND (createdAt, shareId) < (?, ?) ${newest}`);
  const named = select(
    `listed = 1 AND superseded = 0 AND name LIKE ? ESCAPE '\\' AND (createdAt, shareId) < (?, ?)
     ${newest}`,
  );
  const unnamed = selectStored("name = '' AND shareId > ? ORDER BY shareId LIMIT ?");
  // Out of indexes alone.
  const count = database.prepare('SELECT count(*) AS count FROM shares WHERE listed = 1');
  const countOlder = database.prepare(
    'SELECT count(*) AS count FROM shares WHERE listed = 1 AND superseded = 1',
  );
  const versions = database.prepare(
    `SELECT ${columns}, (SELECT min(f.createdAt) FROM shares f WHERE f.listed = 1
         AND f.prev = s.shareId AND f.lineage = s.lineage AND f.author = s.author) AS replacedAt
     FROM ids a CROSS JOIN shares s ON s.author = a.n CROSS JOIN ids g ON g.n = inGroup
     WHERE listed = 1 AND lineage = ? AND a.id = ?
     ORDER BY rank DESC, createdAt DESC, shareId DESC LIMIT ?`,
  );
  const lineages = database.prepare(
    `SELECT DISTINCT lineage FROM ids a CROSS JOIN shares s ON s.author = a.n
     WHERE listed = 1 AND superseded = 1 AND a.id = ? AND lineage > ? ORDER BY lineage LIMIT ?`,
  );
  const byName = select(`listed = 1 AND name = ? AND superseded <= ? ${newest}`);
  // 'g' sorts after every hexadecimal digit.
  const byPrefix = select(`listed = 1 AND shareId >= ?1 AND shareId < ?1 || 'g' ${newest}`);
  const countShares = (): number => parseRow(countRow, count.get()).count;
  const share = (row: unknown): ShareRow => parseRow(shareRow, row);
  const stored = (row: unknown): StoredShare => parseRow(storedRow, row);

  return {
    setVerified: (shareId, at, ok) => {
      verified.run(at, ok ? 1 : 0, shareId);
    },
    getShare: (shareId) => {
      const row = get.get(shareId);
      return row === undefined ? null : stored(row);
    },
    findShares: (query, limit) => {
      const bound = Math.min(limit, stateLimits.page);
      if (query.name !== undefined && query.name !== '') {
        return byName.all(query.name, query.newest === true ? 0 : 1, bound).map(share);
      }
      if (query.idPrefix === undefined || !/^[0-9a-f]{1,32}$/.test(query.idPrefix)) return [];
      return byPrefix.all(query.idPrefix, bound).map(share);
    },
    listShares: (cursor, limit, name) => {
      const bound = Math.min(Math.max(1, limit), stateLimits.page);
      const rows =
        name !== undefined
          ? named.all(
              containing(name),
              ...(cursor === null ? newestOfAll : parseCursor(cursor)),
              bound,
            )
          : cursor === null
            ? first.all(bound)
            : next.all(...parseCursor(cursor), bound);
      const shares = rows.map(share);
      const last = shares.at(-1);
      const full = shares.length === bound && last !== undefined;
      return { shares, cursor: full ? formatCursor(last) : null };
    },
    unnamedShares: (after, limit) =>
      unnamed.all(after ?? '', Math.min(limit, stateLimits.page)).map(stored),
    versions: (authorId, lineage, limit) =>
      versions
        .all(lineage, authorId, Math.min(limit, stateLimits.page))
        .map((row): VersionRow => parseRow(versionRow, row)),
    lineagesWithVersions: (authorId, after, limit) =>
      lineages
        .all(authorId, after ?? '', Math.min(limit, stateLimits.page))
        .map((row) => parseRow(lineageRow, row).lineage),
    countShares,
    countFiles: () => countShares() - parseRow(countRow, countOlder.get()).count,
  };
}

/** After every time and every share id. */
const newestOfAll: [number, string] = [Number.MAX_SAFE_INTEGER, 'g'];

/** A pattern of LIKE for texts that contain this one. */
function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}

export function formatCursor({
  createdAt,
  shareId,
}: Pick<ShareRow, 'createdAt' | 'shareId'>): string {
  return `${String(createdAt)}:${shareId}`;
}

/** @throws {PeerError} `usage` */
export function parseCursor(cursor: string): [number, string] {
  const match = cursorPattern.exec(cursor);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new PeerError('usage', 'This is not a cursor of a list of shares.');
  }
  return [Number(match[1]), match[2]];
}
