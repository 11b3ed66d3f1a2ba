/** Who has which chunks of a share, and what is known of them. */
import type { ShareInfo } from './shares.js';

/** One holder's run of consecutive chunk numbers: shard · chunksPerShard + index. */
export interface ChunkRun {
  readonly nodeId: string;
  readonly name: string;
  readonly shard: number;
  readonly online: boolean;
  /** First and last chunk number, both inclusive. */
  readonly first: number;
  readonly last: number;
  /** `data` shards carry the file itself, `parity` shards what is needed when some are lost. */
  readonly kind: 'data' | 'parity';
}

export interface ShareMap {
  readonly share: ShareInfo;
  readonly chunks: number;
  readonly runs: readonly ChunkRun[];
}

/** Most columns of a {@link ShareGrid}. */
export const mostGridColumns = 256;

export interface GridParams {
  /** Name, share id, or a unique prefix of one (at least 6 digits). */
  readonly share?: string;
  /** Instead: the transfer that is sending a share, which no list has yet. */
  readonly transferId?: string;
  /** At most so many are answered: 1 to {@link mostGridColumns}. Shares of very many shards get fewer. */
  readonly columns: number;
}

/** Chunks by what is known of them; a chunk is in one of these, or in none when nobody is known to have it. */
export type ChunkState =
  | 'held' // its holder signed for it, or has acknowledged it; not looked at since
  | 'reported' // re-read and found whole by its holder, which gives its word
  | 'proved' // fetched by this peer, and right
  | 'damaged'; // not what was signed

/** One holder's shard, or a shard that nobody is known to hold. */
export interface GridRow {
  readonly shard: number;
  readonly kind: ChunkRun['kind'];
  /** Empty when nobody holds it. */
  readonly nodeId: string;
  readonly name: string;
  readonly online: boolean;
  /** Chunks of each state by column. A state that no column has is absent. */
  readonly chunks: Readonly<Partial<Record<ChunkState, readonly number[]>>>;
  /** Chunks by column that are on their way now, being re-read, or being made anew, whatever their state. */
  readonly moving?: readonly number[];
  /** When this peer last found one of them right; 0 when not since it started. */
  readonly provedAt: number;
  /** When its holder last reported; 0 when never. */
  readonly reportedAt: number;
  /** True when this peer has reason to doubt it and does not know where it is wrong. */
  readonly doubted: boolean;
  /** What is wrong, in words. */
  readonly problem: string | null;
}

/** A share as its holders by its positions, aggregated: as large for 40 GB as for 40 MB. */
export interface ShareGrid {
  /** Null of one that is being sent. */
  readonly share: ShareInfo | null;
  readonly name: string;
  readonly kind: ShareInfo['kind'];
  readonly size: number;
  readonly k: number;
  readonly m: number;
  readonly chunksPerShard: number;
  /**
   * Where columns begin, and at last where the last one ends: numbers of chunks within each shard, from 0 to
   * `chunksPerShard`. Column c of shard s is chunks s · chunksPerShard + edges[c] to edges[c + 1], exclusive.
   */
  readonly edges: readonly number[];
  /** By shard. Several hold one that is just being moved. */
  readonly rows: readonly GridRow[];
}
