import { missingShards, type ShareCensus } from './census.js';
import { preferred, type Candidate } from '../placement.js';

/** What is to be done for one share. */
export interface RepairPlan {
  /** Shards that nobody has whole, but which their holders may put right. */
  readonly mend: readonly { readonly shard: number; readonly holderId: string }[];
  /** Shards that nobody holds, and has to make. */
  readonly make: readonly number[];
  /** Who may take one of these each, best first. */
  readonly takers: readonly string[];
}

/**
 * Plans the repair of a share.
 *
 * @param candidates members that can be reached, this peer included. Nobody gets a second shard of a share: what
 * one machine loses together spares nothing.
 */
export function planRepair(census: ShareCensus, candidates: readonly Candidate[]): RepairPlan {
  const reachable = new Set(candidates.map(({ nodeId }) => nodeId));
  const missing = missingShards(census);
  const mend = missing.flatMap((shard) => {
    const holder = census.holdings.find(
      (one) => one.shard === shard && one.standing === 'damaged' && reachable.has(one.holderId),
    );
    return holder === undefined ? [] : [{ shard, holderId: holder.holderId }];
  });
  const mended = new Set(mend.map(({ shard }) => shard));
  const holders = new Set(census.holdings.map(({ holderId }) => holderId));
  const takers = preferred(
    census.shareId,
    census.authorId,
    candidates.filter(({ nodeId }) => !holders.has(nodeId)),
  );
  return { mend, make: missing.filter((shard) => !mended.has(shard)), takers };
}

/** Shares in the order in which they are repaired: those that can lose the fewest shards first, then by id. */
export function mostEndangeredFirst<T extends { readonly shareId: string; readonly spare: number }>(
  shares: readonly T[],
): T[] {
  return [...shares].sort((a, b) => a.spare - b.spare || (a.shareId < b.shareId ? -1 : 1));
}

/**
 * Whether it is this peer's turn to repair a share: the lease, which every holder derives for itself. The best of the
 * live holders that can be reached begins; each that follows waits `turnMs` longer, for one before it that does not act.
 * Two that see different holders may both begin: that costs a copy, which is settled later.
 *
 * @param order live holders that can be reached, best first
 * @param sinceMs for how long this peer has seen the share lack a shard
 */
export function isTurnOf(
  self: string,
  order: readonly string[],
  sinceMs: number,
  turnMs: number,
): boolean {
  const place = order.indexOf(self);
  return place >= 0 && sinceMs >= place * turnMs;
}
