import type { Geometry } from '../chunk/geometry.js';
import type { Disposable } from '../common/disposable.js';
import type { Lease, Memory } from '../common/memory.js';

/** Kinds of entries of the replicated log. */
export type LogKind = 'record' | 'manifest' | 'receipt';

/** One replicated fact as it travelled: signed bytes, never re-encoded. */
export interface LogEntry {
  /** Arrival sequence in this database, from 1, without gaps at the end. */
  readonly seq: number;
  readonly kind: LogKind;
  /** SHA-256 of `bytes`, hex: an entry is stored once. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

export interface ShareRow {
  readonly shareId: string;
  readonly groupId: string;
  readonly authorId: string;
  readonly lineage: string;
  readonly createdAt: number;
  /** Signed manifest, wire form. */
  readonly manifest: Uint8Array;
  /** What the sealed part says, for listing and searching; null while the epoch key is not known. */
  readonly name: string | null;
  readonly size: number | null;
  readonly sha256: string | null;
  /** False until enough receipts are known; such shares are not listed. */
  readonly listed: boolean;
  readonly verifiedAt: number | null;
  readonly verifiedOk: boolean | null;
}

export interface ReceiptRow {
  readonly shareId: string;
  readonly shard: number;
  readonly holderId: string;
  readonly root: string;
  /** Signed receipt, wire form. */
  readonly bytes: Uint8Array;
}

export interface PeerRow {
  readonly nodeId: string;
  /** Last known addresses `host:port`, best first, at most 8. */
  readonly addresses: readonly string[];
  readonly lastSeen: number;
  readonly stays: boolean;
}

export interface InviteRow {
  /** SHA-256 of the one-time token, hex. */
  readonly tokenHash: string;
  readonly groupId: string;
  readonly role: string;
  readonly expiresAt: number;
  /** Node id of the joiner once redeemed; idempotent for it. */
  readonly redeemedBy: string | null;
}

/** A shard that this peer holds or is receiving. */
export interface HeldShard {
  readonly shareId: string;
  readonly shard: number;
  readonly geometry: Geometry;
  readonly authorId: string;
  /** `staging`: being received; `receipted`: whole, fsynced, promised; `committed`: manifest beside it. */
  readonly state: 'staging' | 'receipted' | 'committed';
}

export interface ShardScan {
  readonly chunksChecked: number;
  /** Indices within the shard of chunks with a wrong header or checksum, at most 1,000. */
  readonly badChunks: readonly number[];
  readonly root: Uint8Array;
}

/** Bytes on disk: shard files. Everything is durable when its promise resolves, unless said otherwise. */
export interface ShardStore extends Disposable {
  /**
   * Makes (or finds, for a resumed upload) the staging file of a shard; of one that an earlier process
   * left, the pieces that are whole count as written. @throws disk-full, disk; exists when the shard is
   * receipted or committed (details.state), or staged with another geometry or author.
   */
  stage(shard: Omit<HeldShard, 'state'>): Promise<void>;
  /**
   * Writes one piece at its place and hashes it; not yet fsynced. `piece` must not change before the promise settles.
   * @param author who sends it, if that is to be checked
   * @returns SHA-256 of the piece. @throws not-found when nothing is staged, not-trusted when the shard is another
   * author's, limit when the length is wrong.
   */
  writePiece(
    shareId: string,
    shard: number,
    segment: number,
    piece: Uint8Array,
    author?: string,
  ): Promise<Uint8Array>;
  /**
   * All pieces written: fsyncs file, hashes and directory; the shard is receipted then. Idempotent.
   * @returns the shard root. @throws protocol when pieces are missing
   */
  seal(shareId: string, shard: number): Promise<Uint8Array>;
  /**
   * Moves a sealed shard to its place with the manifest and receipts beside it. Idempotent; receipts
   * that are new are added. @throws not-found, protocol when not sealed, exists when the share was
   * committed with another manifest.
   */
  commit(
    shareId: string,
    shard: number,
    manifest: Uint8Array,
    receipts: readonly Uint8Array[],
  ): Promise<void>;
  /** Drops a shard in staging or receipted state. Unknown shards are ignored. @throws exists when committed */
  abort(shareId: string, shard: number): Promise<void>;
  /** Reads one stored piece of a committed shard. @throws not-found, disk */
  readPiece(shareId: string, shard: number, segment: number): Promise<Lease>;
  /** Piece hashes of a committed shard, 32 bytes each. @throws not-found, disk */
  readHashes(shareId: string, shard: number): Promise<Uint8Array>;
  /**
   * Re-reads and checks every chunk of a receipted or committed shard; the root is computed from what
   * was read, zeros where the file is too short. `onProgress` gets chunks checked
   * so far, a few times a second. @throws not-found, disk, cancelled
   */
  scan(
    shareId: string,
    shard: number,
    onProgress?: (chunks: number) => void,
    signal?: AbortSignal,
  ): Promise<ShardScan>;
  held(shareId: string): Promise<readonly HeldShard[]>;
  allHeld(): Promise<readonly HeldShard[]>;
  /** Bytes of all shard files. */
  storedBytes(): Promise<number>;
}

/** Facts in SQLite. A write is durable when its promise resolves; writes of one tick share a transaction. */
export interface StateStore {
  /** Random id of this database, new whenever it is made or rebuilt: cursors of others are tied to it. */
  databaseEpoch(): Promise<string>;
  getSetting(key: string): Promise<string | null>;
  setSetting(key: string, value: string): Promise<void>;
  /** Appends entries that are new; answers the sequence number of the last entry in the log. */
  append(
    entries: readonly Omit<LogEntry, 'seq'>[],
  ): Promise<{ readonly added: readonly string[]; readonly last: number }>;
  /** Entries after a sequence number, in order, bounded by count and by bytes (at least one). */
  logAfter(seq: number, maxEntries: number, maxBytes: number): Promise<readonly LogEntry[]>;
  lastSeq(): Promise<number>;
  /** Cursor into another peer's log. */
  getCursor(nodeId: string): Promise<{ readonly epoch: string; readonly seq: number } | null>;
  setCursor(nodeId: string, epoch: string, seq: number): Promise<void>;
  records(): Promise<readonly Uint8Array[]>;
  /**
   * Adds a share, or what became known of it: a null never replaces a value, a listed share stays
   * listed. @throws exists when another manifest is known under the id
   */
  putShare(share: Omit<ShareRow, 'verifiedAt' | 'verifiedOk'>): Promise<void>;
  setListed(shareId: string): Promise<void>;
  setVerified(shareId: string, at: number, ok: boolean): Promise<void>;
  getShare(shareId: string): Promise<ShareRow | null>;
  /** Listed shares by one of exact name, lineage, or share id prefix (hex). Newest first, at most `limit`. */
  findShares(
    query: { readonly name?: string; readonly idPrefix?: string; readonly lineage?: string },
    limit: number,
  ): Promise<readonly ShareRow[]>;
  /** A page of listed shares, newest first (createdAt, then share id), after `cursor`. */
  listShares(
    cursor: string | null,
    limit: number,
  ): Promise<{ readonly shares: readonly ShareRow[]; readonly cursor: string | null }>;
  countShares(): Promise<number>;
  /**
   * Shares, listed or not, whose sealed part was not opened yet: rebuilt from the files, or sealed
   * under an epoch key that was not known. Whoever can open them calls putShare again.
   */
  unnamedShares(limit: number): Promise<readonly ShareRow[]>;
  putReceipts(receipts: readonly ReceiptRow[]): Promise<void>;
  receipts(shareId: string): Promise<readonly ReceiptRow[]>;
  /** By node id: how many shards it says that it holds. */
  shardsByHolder(): Promise<ReadonlyMap<string, number>>;
  putPeer(peer: PeerRow): Promise<void>;
  peers(): Promise<readonly PeerRow[]>;
  /** Adds or changes an invite; a redeemed one stays redeemed. */
  putInvite(invite: InviteRow): Promise<void>;
  /**
   * Atomic. Answers the row as it is afterwards: `redeemedBy` is the caller's id on success, another's
   * when used, null when expired (`expiresAt` ≤ `now`); null when unknown.
   */
  redeemInvite(tokenHash: string, nodeId: string, now: number): Promise<InviteRow | null>;
}

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
