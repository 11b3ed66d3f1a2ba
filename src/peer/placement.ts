import { createHash } from 'node:crypto';
import { PeerError } from '../common/errors.js';
import { fromHex } from '../common/bytes.js';

/** Data and parity shards of a share. */
export interface Redundancy {
  readonly k: number;
  readonly m: number;
}

/**
 * Redundancy by the number of peers that can hold a shard: about half of them may vanish.
 * With one holder there is nothing to lose one of; the caller warns.
 */
export function autoRedundancy(eligible: number): Redundancy {
  if (eligible <= 1) return { k: 1, m: 0 };
  if (eligible === 2) return { k: 1, m: 1 };
  if (eligible === 3) return { k: 1, m: 2 };
  if (eligible <= 5) return { k: 2, m: 2 };
  if (eligible <= 9) return { k: 3, m: 3 };
  return { k: 4, m: 6 };
}

/**
 * Reads `auto`, `copies:N` and `K+M`.
 *
 * @throws {PeerError} `usage`
 */
export function parseRedundancy(text: string, eligible: number): Redundancy {
  if (text === 'auto') return autoRedundancy(eligible);
  const copies = /^copies:(\d{1,3})$/.exec(text)?.[1];
  const sum = /^(\d{1,3})\+(\d{1,3})$/.exec(text);
  const k = copies === undefined ? Number(sum?.[1]) : 1;
  const m = copies === undefined ? Number(sum?.[2]) : Number(copies) - 1;
  if (!Number.isInteger(k) || !Number.isInteger(m) || k < 1 || m < 0 || k + m > 255) {
    throw new PeerError('usage', `“${text.slice(0, 32)}” is no redundancy.`, {
      hint: 'Use auto, copies:N, or K+M with at most 255 shards in all, such as 2+2.',
    });
  }
  return { k, m };
}

/**
 * Rendezvous hashing: the same order on every peer that knows the same candidates, and a peer that joins or
 * leaves moves only its own share of the shards.
 *
 * @param shareId hex
 * @param candidates node ids, hex
 * @returns candidates, best first
 */
export function rankHolders(shareId: string, candidates: readonly string[]): string[] {
  const score = (nodeId: string): string =>
    createHash('sha256').update(fromHex(shareId)).update(fromHex(nodeId)).digest('hex');
  return candidates
    .map((nodeId) => ({ nodeId, score: score(nodeId) }))
    .sort((a, b) => (a.score > b.score ? -1 : 1))
    .map(({ nodeId }) => nodeId);
}

/** A member, as far as the choice of holders asks. */
export interface Candidate {
  readonly nodeId: string;
  /** Whether it promised to keep serving. */
  readonly stays: boolean;
}

/**
 * Candidates for shards of a share, best first: by rendezvous hashing, those that promised to stay before the others,
 * and the author after all: a share shall outlive the machine that it comes from.
 */
export function preferred(
  shareId: string,
  authorId: string,
  candidates: readonly Candidate[],
): string[] {
  const classOf = ({ nodeId, stays }: Candidate): number =>
    nodeId === authorId ? 2 : stays ? 0 : 1;
  const classes = new Map(candidates.map((one) => [one.nodeId, classOf(one)]));
  // The sort is stable: within a class the order of the hashes stays.
  return rankHolders(shareId, [...classes.keys()]).sort(
    (a, b) => (classes.get(a) ?? 0) - (classes.get(b) ?? 0),
  );
}

/** How many holders must confirm before a share counts as durable. */
export function quorum({ k, m }: Redundancy): number {
  return Math.min(k + m, k + 1);
}
