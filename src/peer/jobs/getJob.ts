import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { segmentStart } from '../../chunk/geometry.js';
import type { Kernel } from '../../chunk/kernel.js';
import { SegmentCodec } from '../../chunk/segment.js';
import { pieceHash } from '../../chunk/shardRoot.js';
import { decodeTree, MAX_TREE_BYTES } from '../../chunk/tree.js';
import { equalBytes } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { FromWorker, GetJobInput, PiecesMessage, ToWorker } from './messages.js';

/** Unsynced bytes at which the disk is asked to start: keeps the wait at the end short. */
const syncEvery = 32 << 20;

type Post = (message: FromWorker) => void;

/**
 * Puts a file together: opens each segment, writes it at its place in a temporary file beside the target,
 * and hashes the stream in order. The final name appears only when the SHA-256 of the whole is right.
 */
export class GetJob {
  readonly #codec: SegmentCodec;
  readonly #file: number;
  readonly #sha256 = createHash('sha256');
  readonly #tree: Uint8Array;
  /** Segments that came before their turn to be hashed. */
  readonly #early = new Map<number, Uint8Array>();
  #next = 0;
  #closed = false;
  #unsynced = 0;
  #syncing = false;
  /** The system reports a failed write-back once: to this sync, and not to the last one. */
  #syncFailure: Error | undefined;

  /** @throws PeerError `disk`, `not-found` when the folder is missing, `limit` */
  constructor(
    private readonly input: GetJobInput,
    kernel: Kernel,
    private readonly post: Post,
  ) {
    const { shareId, geometry } = input;
    this.#codec = new SegmentCodec(kernel, { shareId, geometry });
    if (input.treeLength > MAX_TREE_BYTES) {
      throw new PeerError('limit', 'The share lists more files than this version takes.');
    }
    this.#tree = new Uint8Array(input.treeLength);
    // Exclusive and without following a link: nobody else's file is written to.
    const { O_RDWR, O_CREAT, O_EXCL } = constants;
    const { O_NOFOLLOW = 0 } = constants as { readonly O_NOFOLLOW?: number }; // not on Windows
    this.#file = openSync(input.temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
  }

  take(message: ToWorker): void {
    if (message.type === 'pieces') this.#decode(message);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#syncing) closeSync(this.#file); // else it is still in use
    rmSync(this.input.temporaryPath, { force: true });
  }

  #decode({ segment, pieces }: PiecesMessage): void {
    let plaintext: Uint8Array;
    try {
      plaintext = this.#codec.decode(segment, new Map(pieces), this.input.contentKey);
    } catch (error) {
      if (!PeerError.is(error, 'integrity', 'protocol')) throw error;
      this.post({
        type: 'rejected',
        segment,
        bad: pieces
          .filter(([shard, piece]) => !this.#isSound(segment, shard, piece))
          .map(([s]) => s),
        hashes: pieces.map(([shard, piece]) => [shard, pieceHash(piece)] as const),
      });
      return;
    }
    this.#write(segment, plaintext);
    if (segment === this.#next) this.#hash(plaintext);
    else this.#early.set(segment, plaintext);
    for (let early; (early = this.#early.get(this.#next)) !== undefined;) {
      this.#early.delete(this.#next);
      this.#hash(early);
    }
    const done = Math.min(this.#done(), this.input.treeOffset);
    this.post({ type: 'written', segment, done });
    if (this.#next === this.input.geometry.segments) this.#finish();
  }

  /** The disk works while the rest arrives. */
  #syncInBackground(): void {
    this.#unsynced = 0;
    this.#syncing = true;
    fdatasync(this.#file, (error) => {
      this.#syncing = false;
      this.#syncFailure ??= error ?? undefined;
      if (this.#closed) closeSync(this.#file);
    });
  }

  #isSound(segment: number, shard: number, piece: Uint8Array): boolean {
    return this.#codec.checkPiece(segment, shard, piece).length === 0;
  }

  #write(segment: number, plaintext: Uint8Array): void {
    const start = segmentStart(this.input.geometry, segment);
    const inFile = Math.max(0, Math.min(plaintext.byteLength, this.input.treeOffset - start));
    for (let done = 0; done < inFile;) {
      done += writeSync(this.#file, plaintext, done, inFile - done, start + done);
    }
    this.#unsynced += inFile;
    if (this.#unsynced >= syncEvery && !this.#syncing) this.#syncInBackground();
    const { treeOffset, treeLength } = this.input;
    const from = Math.max(0, treeOffset - start);
    const to = Math.min(plaintext.byteLength, treeOffset + treeLength - start);
    if (to > from) this.#tree.set(plaintext.subarray(from, to), start + from - treeOffset);
  }

  /** Takes the next segment of the stream into the hash of the file. */
  #hash(plaintext: Uint8Array): void {
    const start = segmentStart(this.input.geometry, this.#next);
    const inFile = Math.max(0, Math.min(plaintext.byteLength, this.input.treeOffset - start));
    this.#sha256.update(plaintext.subarray(0, inFile));
    this.#next += 1;
  }

  #done(): number {
    const { geometry, treeOffset } = this.input;
    return this.#next === geometry.segments ? treeOffset : segmentStart(geometry, this.#next);
  }

  #finish(): void {
    const { input } = this;
    const treeDigest = createHash('sha256').update(this.#tree).digest();
    if (!equalBytes(treeDigest, input.treeDigest)) {
      throw new PeerError(
        'integrity',
        'The list of files in the share is not the one that was signed.',
      );
    }
    const [entry] = decodeTree(this.#tree).entries;
    const sha256 = new Uint8Array(this.#sha256.digest());
    if (
      entry?.kind !== 'file' ||
      entry.size !== input.treeOffset ||
      !equalBytes(entry.sha256, sha256)
    ) {
      throw new PeerError('integrity', 'The file is not the one that was shared.');
    }
    ftruncateSync(this.#file, input.treeOffset);
    fsyncSync(this.#file);
    if (this.#syncFailure !== undefined) throw PeerError.from(this.#syncFailure);
    this.#publish();
    this.post({ type: 'finished', sha256, bytes: input.treeOffset });
  }

  /** Gives the verified file its final name, and never takes that name from another file unasked. */
  #publish(): void {
    const { temporaryPath, path: target, overwrite } = this.input;
    if (overwrite) renameSync(temporaryPath, target);
    else placeWithoutReplacing(temporaryPath, target);
    syncFolder(path.dirname(target));
  }
}

function placeWithoutReplacing(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new PeerError('exists', `“${path.basename(to)}” exists already.`, {
        cause: error,
        hint: 'Choose another name, or allow to replace it.',
      });
    }
    // No hard links on this file system: claim the name first, then replace the empty file.
    closeSync(openSync(to, 'wx'));
    try {
      renameSync(from, to);
    } catch (failure) {
      rmSync(to, { force: true });
      throw failure;
    }
    return;
  }
  rmSync(from);
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
