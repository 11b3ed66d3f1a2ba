/** Shards on the disk: how they get there, and what is known of them. */
import type { Geometry } from '../../chunk/geometry.js';
import type { Disposable } from '../../common/disposable.js';
import type { Lease } from '../../common/memory.js';

/** A shard that this peer holds or is receiving. */
export interface HeldShard {
  readonly shareId: string;
  readonly shard: number;
  readonly geometry: Geometry;
  readonly authorId: string;
  /**
   * `staging`: being received; `receipted`: whole, fsynced, promised; `committed`: manifest beside it; `hidden`: of a
   * deleted share, kept for a while and served to nobody.
   */
  readonly state: 'staging' | 'receipted' | 'committed' | 'hidden';
}

/** How much of the disk others may take. */
export interface Lending {
  /** Bytes of shard files. */
  readonly bytes: number;
  /** Author whose shards do not count: this peer itself. */
  readonly except: string;
}

export interface ShardScan {
  readonly chunksChecked: number;
  /** Indices within the shard of chunks with a wrong header or checksum, at most 1,000. */
  readonly badChunks: readonly number[];
  readonly root: Uint8Array;
}

/** A piece that is not what its hash says. */
export interface BadPiece {
  readonly segment: number;
  /** Indices within the shard of the chunks that are wrong by themselves; may be none. */
  readonly chunks: readonly number[];
}

/** Bytes on disk: shard files. Everything is durable when its promise resolves, unless said otherwise. */
export interface ShardStore extends Disposable {
  /**
   * Makes (or finds, for a resumed upload) the staging file of a shard; of one that an earlier process
   * left, the pieces that are whole count as written. @throws disk-full, disk; quota when it goes beyond what is lent;
   * exists when the shard is receipted, committed or hidden (details.state), or staged with another geometry or author.
   */
  stage(shard: Omit<HeldShard, 'state'>, lending?: Lending): Promise<void>;
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
   * A page of the SHA-256 of the pieces that were written so far, 32 bytes each, zeros where there is none; of a receipted
   * shard, of all.
   * @throws not-found when nothing is staged, or there is no such page
   */
  stagedHashes(shareId: string, shard: number, page: number): Promise<Uint8Array>;
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
  /**
   * Drops a shard in staging or receipted state, or, told so, only while it is in staging. Unknown shards are ignored.
   * @throws exists when committed
   */
  abort(shareId: string, shard: number, only?: 'staging'): Promise<void>;
  /**
   * Of a deleted share: serves it no more, from now on and after a restart, and drops what is being received of it. What
   * was committed keeps its place until it is removed. Idempotent; needs no room on the disk.
   */
  hide(shareId: string): Promise<void>;
  /**
   * Removes committed and hidden shards of a share, all or one, and gives their space back. What is being received
   * stays: an upload wins. Idempotent; once begun it is ended, at the next start if need be.
   */
  remove(shareId: string, shard?: number): Promise<void>;
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
  /**
   * Re-reads some pieces of a committed shard, from `first` on, and holds them against their hashes. A few at a time:
   * see {@link scan} for all. All are bad of one whose file is gone, and can be mended.
   * @throws not-found; disk when the hashes are unreadable
   */
  check(shareId: string, shard: number, first: number, count: number): Promise<readonly BadPiece[]>;
  /**
   * Writes a piece of a committed shard again, in its place. It has to be the one that the hashes beside the shard ask
   * for: whatever a crash leaves is no worse than what was there. @throws not-found, integrity, disk
   */
  mend(shareId: string, shard: number, segment: number, piece: Uint8Array): Promise<void>;
  /**
   * Makes the hashes beside a committed shard anew from its pieces, if these lead to `root`.
   * @returns whether they do. @throws not-found, disk
   */
  rehash(shareId: string, shard: number, root: Uint8Array): Promise<boolean>;
  /**
   * Writes the hashes beside a committed shard again, 32 bytes of each piece, if they lead to `root`: what the pieces should
   * be is known from elsewhere. @returns whether they do. @throws not-found, disk
   */
  putHashes(shareId: string, shard: number, root: Uint8Array, hashes: Uint8Array): Promise<boolean>;
  held(shareId: string): Promise<readonly HeldShard[]>;
  allHeld(): Promise<readonly HeldShard[]>;
  /** Bytes of all shard files, or of those of all authors but one. */
  storedBytes(except?: string): Promise<number>;
}
