/** To have holders re-read what they keep. */
import type { ShareInfo } from './shares.js';

export interface VerifyParams {
  readonly transferId: string;
  readonly share: string;
}

export interface ShardReport {
  readonly nodeId: string;
  readonly name: string;
  readonly shard: number;
  /** `reported`: the holder re-read and re-hashed its shard and gives its word. */
  readonly status: 'ok' | 'damaged' | 'missing' | 'unreachable' | 'lied';
  readonly chunksChecked: number;
  /** Numbers of bad chunks (shard · chunksPerShard + index), at most 1,000. */
  readonly badChunks: readonly number[];
  readonly problem: string | null;
}

export interface VerifyResult {
  readonly share: ShareInfo;
  /** True when all shards are held, and every known holder reported its own whole and the signed root matches. */
  readonly ok: boolean;
  /** True when at least k shards are whole: the file can be fetched. */
  readonly recoverable: boolean;
  /** How many of its shards no known holder has. */
  readonly heldByNobody: number;
  readonly shards: readonly ShardReport[];
}

export interface VerifyAllParams {
  readonly transferId: string;
}

/** A share that a verification of all did not find whole. */
export interface UnsoundShare {
  readonly shareId: string;
  /** Empty while this peer has no key for it. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Whether at least k shards are whole. */
  readonly recoverable: boolean;
  /** Whether nothing worse was found than that holders cannot be reached. */
  readonly onlyUnreachable: boolean;
  /** How many of its shards no known holder has. */
  readonly heldByNobody: number;
  /** Names of the holders whose shards are not whole, or cannot be reached. */
  readonly holders: readonly string[];
}

export interface VerifyAllResult {
  readonly checked: number;
  readonly whole: number;
  /** The rest, at most 1,000. */
  readonly unsound: readonly UnsoundShare[];
}
