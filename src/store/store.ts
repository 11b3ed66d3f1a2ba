/**
 * What a peer keeps: bytes of shards and facts, both behind asynchronous interfaces. What these take and answer is by
 * subject, in `port/`.
 */
import type { Disposable } from '../common/disposable.js';
import type { Memory } from '../common/memory.js';
import type { ShardStore } from './port/shardStore.js';
import type { StateStore } from './port/stateStore.js';

export * from './port/log.js';
export type * from './port/risk.js';
export type * from './port/rows.js';
export type * from './port/shardStore.js';
export type * from './port/stateStore.js';

export interface Store extends Disposable {
  readonly state: StateStore;
  readonly shards: ShardStore;
  /** Null unless the database had to be made anew from what lies beside it. */
  readonly recovery: RecoveryReport | null;
  close(): Promise<void>;
}

/** What was done when the database was damaged or lost. */
export interface RecoveryReport {
  /** Where the damaged database lies now; null when it was lost. */
  readonly setAside: string | null;
  /** Shares, roster records and settings found again. Everything else comes back from other peers. */
  readonly shares: number;
  readonly records: number;
  readonly settings: number;
  /** Files that could not be read, and why. */
  readonly skipped: readonly string[];
}

export interface OpenStoreOptions {
  readonly dataDir: string;
  /** Absolute path of the bundled worker. */
  readonly workerPath: string;
  /** Compiled kernel, handed to the workers. */
  readonly kernel: WebAssembly.Module;
  /** Where pieces are read into. */
  readonly memory?: Memory;
}
