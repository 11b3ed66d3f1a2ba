import { close, closeSync, fdatasync, fsync, ftruncateSync, openSync, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { pieceBytes, pieceOffset, shardBytes } from '../../chunk/geometry.js';
import { HASH_SIZE, pieceHash } from '../../chunk/shardRoot.js';
import { PeerError } from '../../common/errors.js';
import { fileMode, writeDurably, writeFully } from '../layout.js';
import { encodePrologue, prologueSize, type ShardDescription } from './prologue.js';
import { shardLimits } from '../limits.js';

const closeAsync = promisify(close);
const fsyncAsync = promisify(fsync);

/** A shard that is being received: its file, and which pieces are in it. */
export class StagedShard {
  /** Hashes of the pieces, 32 bytes each; zeros where none is written. */
  readonly hashes: Uint8Array;
  readonly #written: Uint8Array;
  #missing: number;
  #fd: number | null = null;
  #unsynced = 0;
  #syncs = 0;
  #failure: unknown;

  private constructor(
    readonly file: string,
    readonly description: ShardDescription,
  ) {
    const { segments } = description.geometry;
    this.hashes = new Uint8Array(segments * HASH_SIZE);
    this.#written = new Uint8Array(segments);
    this.#missing = segments;
  }

  /** Makes the file, durable with its prologue and at its full length. */
  static create(file: string, description: ShardDescription): StagedShard {
    const size = prologueSize + shardBytes(description.geometry);
    writeDurably(file, [encodePrologue(description)], size);
    return new StagedShard(file, description);
  }

  /** Takes over a file that an earlier process left; no piece counts as written yet. */
  static reopen(file: string, description: ShardDescription): StagedShard {
    const staged = new StagedShard(file, description);
    ftruncateSync(staged.#open(), prologueSize + shardBytes(description.geometry));
    return staged;
  }

  /** Bytes that are still to come, about. */
  get missingBytes(): number {
    const { geometry } = this.description;
    const share = this.#missing / geometry.segments;
    return Math.ceil(shardBytes(geometry) * share);
  }

  get missingPieces(): number {
    return this.#missing;
  }

  /** Whether the file is busy with something that must not lose its descriptor. */
  get syncing(): boolean {
    return this.#syncs > 0;
  }

  /** @returns SHA-256 of the piece. */
  write(segment: number, piece: Uint8Array): Uint8Array {
    this.#check(segment);
    const { geometry } = this.description;
    if (piece.byteLength !== pieceBytes(geometry, segment)) {
      throw new PeerError('limit', 'A piece does not have the length that its place asks for.');
    }
    const hash = pieceHash(piece);
    writeFully(this.#open(), piece, prologueSize + pieceOffset(geometry, segment));
    this.mark(segment, hash);
    this.#unsynced += piece.byteLength;
    if (this.#unsynced >= shardLimits.syncEveryBytes && !this.syncing) this.#syncInBackground();
    return hash;
  }

  /** Counts a piece that is in the file as written. */
  mark(segment: number, hash: Uint8Array): void {
    this.#check(segment);
    this.hashes.set(hash, segment * HASH_SIZE);
    if (this.#written[segment] === 0) this.#missing--;
    this.#written[segment] = 1;
  }

  read(segment: number): Uint8Array {
    const piece = new Uint8Array(pieceBytes(this.description.geometry, segment));
    const at = prologueSize + pieceOffset(this.description.geometry, segment);
    readFully(this.#open(), piece, at);
    return piece;
  }

  /** Everything written is on the disk afterwards. */
  async sync(): Promise<void> {
    const fd = this.#open();
    this.#syncs++;
    try {
      await fsyncAsync(fd);
    } catch (error) {
      this.#failure ??= error;
    } finally {
      this.#syncs--;
    }
    // The system reports a failed write-back once, here or to the sync in the background; another
    // try would succeed without the bytes. The shard has to be aborted and sent again.
    if (this.#failure !== undefined) throw PeerError.from(this.#failure);
    this.#unsynced = 0;
  }

  /** Gives the descriptor back; the next use opens the file again. */
  release(): void {
    if (this.#fd === null || this.syncing) return;
    closeSync(this.#fd);
    this.#fd = null;
  }

  async close(): Promise<void> {
    while (this.syncing) await new Promise((resolve) => setImmediate(resolve));
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) await closeAsync(fd);
  }

  #open(): number {
    this.#fd ??= openSync(this.file, 'r+', fileMode);
    return this.#fd;
  }

  #check(segment: number): void {
    if (!Number.isInteger(segment) || segment < 0 || segment >= this.#written.length) {
      throw new PeerError('limit', 'A piece is beyond the end of its shard.');
    }
  }

  #syncInBackground(): void {
    this.#unsynced = 0;
    this.#syncs++;
    fdatasync(this.#open(), (error) => {
      this.#syncs--;
      if (error !== null) this.#failure ??= error;
    });
  }
}

/** Fills `target` from `position`; zeros where the file ends. @returns bytes that were there. */
export function readFully(fd: number, target: Uint8Array, position: number): number {
  let done = 0;
  while (done < target.byteLength) {
    const count = readSync(fd, target, done, target.byteLength - done, position + done);
    if (count === 0) break;
    done += count;
  }
  target.fill(0, done);
  return done;
}
