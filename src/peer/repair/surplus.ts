import { counting, missingShards, type ShareCensus } from './census.js';
import { preferred, type Candidate } from '../placement.js';

/** A shard that this peer holds and may drop, and those that hold it as well and come before it, best first. */
export interface Surplus {
  readonly shard: number;
  readonly relyOn: readonly string[];
}

/**
 * What a holder may drop: a shard that somebody better placed holds too, while no shard of the share is missing, or while
 * nobody is left to take a missing one but who holds a shard twice over. Whether it does is settled with that other one:
 * see {@link Dropping}.
 *
 * @param candidates members, of those that can be reached at least
 */
export function surplusOf(
  self: string,
  census: ShareCensus,
  candidates: readonly Candidate[],
): Surplus | null {
  if (missingShards(census).length > 0 && hasTaker(census, candidates)) return null;
  const order = preferred(census.shareId, census.authorId, candidates);
  const place = order.indexOf(self);
  for (const { shard } of census.holdings.filter(({ holderId }) => holderId === self)) {
    const others = counting(census)
      .filter((one) => one.shard === shard && one.holderId !== self)
      .map(({ holderId }) => holderId);
    const relyOn = order.slice(0, Math.max(0, place)).filter((one) => others.includes(one));
    if (relyOn.length > 0) return { shard, relyOn };
  }
  return null;
}

/** Whether somebody holds no shard of the share yet: nobody takes a second one. */
function hasTaker({ holdings }: ShareCensus, candidates: readonly Candidate[]): boolean {
  const holders = new Set(holdings.map(({ holderId }) => holderId));
  return candidates.some(({ nodeId }) => !holders.has(nodeId));
}

/** A shard that belongs elsewhere, and with whom. */
export interface Move {
  readonly shard: number;
  readonly to: string;
}

/**
 * Where this peer's shard belongs, now that members have come whom nobody knew when the share was made. Only of a share
 * that lacks nothing, and nothing is held twice of: one change at a time.
 *
 * @param candidates members that can be reached, this peer included
 */
export function moveOf(
  self: string,
  census: ShareCensus,
  candidates: readonly Candidate[],
): Move | null {
  const { holdings, n } = census;
  const isSettled = holdings.length === n && holdings.every(({ standing }) => standing === 'live');
  const own = holdings.find(({ holderId }) => holderId === self);
  if (!isSettled || own === undefined || missingShards(census).length > 0) return null;
  const holders = new Set(holdings.map(({ holderId }) => holderId));
  // Holders that cannot be reached keep their places: they may come back.
  const known = candidates.map(({ nodeId }) => nodeId);
  const away = [...holders].filter((holderId) => !known.includes(holderId));
  const order = preferred(census.shareId, census.authorId, candidates);
  const ideal = order.slice(0, Math.max(0, n - away.length));
  if (ideal.includes(self)) return null;
  const free = ideal.filter((nodeId) => !holders.has(nodeId));
  // Each that is to go has a place of its own to go to.
  const going = order.filter((nodeId) => holders.has(nodeId) && !ideal.includes(nodeId));
  const to = free[going.indexOf(self)];
  return to === undefined ? null : { shard: own.shard, to };
}
