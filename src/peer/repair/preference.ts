import { rankHolders } from '../placement.js';

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
