import type { HolderInfo, ShareInfo } from '../control/contract.js';

/** How much a file can lose. */
export interface Risk {
  /**
   * Holders that may leave for good, whichever they are, before the file is lost; negative: so many shards too few are
   * left. While a shard is held twice, perhaps one fewer than it is.
   */
  readonly spare: number;
  /** Holders each of whom takes the file along. */
  readonly hangsOn: readonly HolderInfo[];
}

/** Counts peers, not shards: one that holds two of them takes both along. */
export function riskOf({ holders, k }: Pick<ShareInfo, 'holders' | 'k'>): Risk {
  const byShard = Map.groupBy(holders, ({ shard }) => shard);
  const spareShards = byShard.size - k;
  if (spareShards < 0) return { spare: spareShards, hangsOn: [] };
  const byHolder = [...Map.groupBy(holders, ({ nodeId }) => nodeId).values()];
  const sole = (held: readonly HolderInfo[]): number =>
    held.filter(({ shard }) => byShard.get(shard)?.length === 1).length;
  const hangsOn = byHolder.filter((held) => sole(held) > spareShards).flatMap(([one]) => one ?? []);
  if (hangsOn.length > 0) return { spare: 0, hangsOn };
  // The worst case: those leave first that hold the most.
  const counts = byHolder.map(({ length }) => length).sort((a, b) => b - a);
  let left = byShard.size;
  let spare = 0;
  for (const count of counts) {
    left -= count;
    if (left < k) break;
    spare += 1;
  }
  return { spare: Math.max(1, spare), hangsOn: [] };
}
