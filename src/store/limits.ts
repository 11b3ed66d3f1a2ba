/** Bounds of what the store keeps and waits for. Sizes are bytes, times milliseconds. */

/** Calls to the threads of the store. */
export const workerLimits = {
  /** Until a call is answered, and until a thread has ended. */
  callMs: 120_000,
  /** Of one that reads an upload through, or syncs a shard of many gigabytes, before it answers. */
  longCallMs: 600_000,
  closeMs: 30_000,
  /** Until a thread is ready: damaged databases are rebuilt before. */
  startMs: 600_000,
  /** Calls in flight; beyond it the caller does not wait for answers, which is a bug. */
  pending: 100_000,
} as const;

/** The database, and the log it is made anew from. */
export const stateLimits = {
  /** Calls that share one transaction and so one fsync, at most. */
  batch: 1024,
  /** Most rows that one call answers, whatever it asks for. */
  page: 1000,
  /** Most rows of a page: half a megabyte of text. */
  listPage: 5000,
  /** What some pages of tombstones take in the database's journal, and in the file itself. */
  reserveBytes: 4 << 20,
  /** Addresses kept of one peer. */
  addresses: 8,
  /** Of one entry of the log: longer ones are damage. */
  payloadBytes: 1 << 20,
  /**
   * Bytes of a database that is read through whenever it is opened; of a larger one only the small tables, so that a
   * start takes no longer the more there is. A damaged page elsewhere is met when it is read: then the next start
   * reads all (see stateWorker.ts).
   */
  checkedWholeBytes: 32 << 20,
  /** Superseded settings are dropped when they outgrow this. */
  compactAboveBytes: 256 * 1024,
} as const;

/** Shard files. */
export const shardLimits = {
  /** Staging files that are kept open. */
  open: 128,
  /** Unsynced bytes at which the disk is asked to start: keeps the wait at the end short. */
  syncEveryBytes: 64 << 20,
  /** Bad chunks that are named; what follows is counted nowhere: the shard is lost. */
  badChunks: 1000,
  /** Of a COMMIT file, manifest and receipts: several generations of holders may have signed for a shard. */
  commitItems: 4096,
  /** Longest one that is read: 64 KiB of manifest and a receipt of each of 255 holders. */
  commitBytes: 4 << 20,
  /** How often a scan tells how far it is. */
  progressEveryMs: 250,
} as const;
