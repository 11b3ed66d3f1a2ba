import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { NewShare } from '../store.js';
import { flag, parseRow } from './rows.js';

const rankRow = z.object({ rank: z.int() });
const followerRow = z.object({ shareId: z.string(), rank: z.int(), listed: flag });
const newestRow = z.object({ shareId: z.string() });

/**
 * The order of the versions of one file. A version has a rank: its time, or one more than the rank of the version before,
 * where its clock would put it no later than that one. So the chain of predecessors counts first, whatever the clocks
 * say, and one index has versions in order.
 */
export interface VersionOrder {
  /** The rank of a share that is about to be added. */
  rank(share: Place, author: number): number;
  /**
   * Ranks again those that came before this one and follow it.
   *
   * @returns whether one of them is listed, so that {@link mark} is due
   */
  raise(share: Place, author: number, rank: number): boolean;
  /** Marks all listed versions but the newest as superseded. */
  mark(lineage: string, author: number): void;
  /** What followed a share that goes follows its predecessor. */
  unlink(shareId: string, predecessor: string | null): void;
}

type Place = Pick<NewShare, 'shareId' | 'lineage' | 'predecessor' | 'createdAt'>;

/** Versions that are ranked again for one: a chain without end that comes backwards does not hold up all others. */
const maxFollowers = 128;

export function versionOrder(database: DatabaseSync): VersionOrder {
  const rankOf = database.prepare(
    'SELECT rank FROM shares WHERE shareId = ? AND lineage = ? AND author = ?',
  );
  const followers = database.prepare(
    'SELECT shareId, rank, listed FROM shares WHERE prev = ? AND lineage = ? AND author = ?',
  );
  const setRank = database.prepare('UPDATE shares SET rank = ? WHERE shareId = ?');
  const newest = database.prepare(
    `SELECT shareId FROM shares WHERE listed = 1 AND lineage = ? AND author = ?
     ORDER BY rank DESC, createdAt DESC, shareId DESC LIMIT 1`,
  );
  const setSuperseded = database.prepare(
    `UPDATE shares SET superseded = (shareId <> ?1)
     WHERE listed = 1 AND lineage = ?2 AND author = ?3 AND superseded <> (shareId <> ?1)`,
  );
  const setPrev = database.prepare('UPDATE shares SET prev = ? WHERE prev = ?');

  return {
    rank: ({ lineage, predecessor, createdAt }, author) => {
      const row = predecessor === null ? undefined : rankOf.get(predecessor, lineage, author);
      return row === undefined
        ? createdAt
        : Math.max(createdAt, after(parseRow(rankRow, row).rank));
    },
    raise: ({ shareId, lineage }, author, rank) => {
      let listed = false;
      // Who names predecessors in a circle goes round once.
      const seen = new Set([shareId]);
      const raised: [shareId: string, rank: number][] = [[shareId, rank]];
      for (const [before, rankBefore] of raised) {
        if (seen.size > maxFollowers) break;
        const least = after(rankBefore);
        for (const row of followers.all(before, lineage, author)) {
          const follower = parseRow(followerRow, row);
          if (follower.rank >= least || seen.has(follower.shareId)) continue;
          seen.add(follower.shareId);
          setRank.run(least, follower.shareId);
          listed ||= follower.listed;
          raised.push([follower.shareId, least]);
        }
      }
      return listed;
    },
    mark: (lineage, author) => {
      const row = newest.get(lineage, author);
      if (row === undefined) return;
      setSuperseded.run(parseRow(newestRow, row).shareId, lineage, author);
    },
    unlink: (shareId, predecessor) => {
      setPrev.run(predecessor, shareId);
    },
  };
}

function after(rank: number): number {
  return Math.min(rank + 1, Number.MAX_SAFE_INTEGER);
}
