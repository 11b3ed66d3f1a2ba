/** How a holder's word stands. Only what is live counts; what is gone may come back, and is not forgotten. */
export type Standing =
  | 'live'
  /** Not all of it was there, or right, when somebody looked. Its holder may put it right. */
  | 'damaged'
  /** Lost, away for longer than the grace, or caught lying. */
  | 'gone';

/** A receipt that counts, and how its holder stands. */
export interface Holding {
  readonly holderId: string;
  readonly shard: number;
  readonly standing: Standing;
}

/** Who holds what of one share, as one peer sees it at one moment. */
export interface ShareCensus {
  readonly shareId: string;
  readonly authorId: string;
  readonly k: number;
  /** Shards in all, k + m. */
  readonly n: number;
  readonly holdings: readonly Holding[];
}

/**
 * What is live, one shard of a holder: nobody is given a second one, and one that signs for all of them is still one. It could
 * prove each by asking the others, and all of them would drop theirs for it.
 */
export function counting({ holdings }: Pick<ShareCensus, 'holdings'>): Holding[] {
  const byHolder = new Map<string, Holding>();
  for (const holding of holdings) {
    if (holding.standing !== 'live') continue;
    const known = byHolder.get(holding.holderId);
    if (known === undefined || holding.shard < known.shard) {
      byHolder.set(holding.holderId, holding);
    }
  }
  return [...byHolder.values()];
}

/** Numbers of shards that somebody holds whole, ascending. */
export function liveShards(census: Pick<ShareCensus, 'holdings'>): number[] {
  return [...new Set(counting(census).map(({ shard }) => shard))].sort((a, b) => a - b);
}

/** Numbers of shards that nobody holds whole, ascending. */
export function missingShards(census: Pick<ShareCensus, 'n' | 'holdings'>): number[] {
  const live = new Set(liveShards(census));
  return Array.from({ length: census.n }, (_, shard) => shard).filter((shard) => !live.has(shard));
}

/** How many live shards may still be lost: the fewer, the more endangered. Negative when it is too late. */
export function spareOf(census: Pick<ShareCensus, 'k' | 'holdings'>): number {
  return liveShards(census).length - census.k;
}
