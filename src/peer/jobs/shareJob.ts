import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import {
  geometryFor,
  pieceBytes,
  segmentCapacity,
  segmentStart,
  type Geometry,
} from '../../chunk/geometry.js';
import type { Kernel } from '../../chunk/kernel.js';
import { SegmentCodec } from '../../chunk/segment.js';
import { pieceHash, shardRoot } from '../../chunk/shardRoot.js';
import { encodeTree } from '../../chunk/tree.js';
import { PeerError } from '../../common/errors.js';
import type { FromWorker, ShareJobInput, ToWorker } from './messages.js';

type Post = (message: FromWorker) => void;

/**
 * Reads a file once, front to back, and turns it into the pieces of all segments: SHA-256 of the file,
 * encryption, erasure code, chunk headers, SHA-256 of each piece. Produces only as many segments as it was
 * given credits for. Runs in a worker: file access is synchronous.
 */
export class ShareJob {
  readonly #file: number;
  readonly #before: BigIntStats;
  readonly #size: number;
  readonly #geometry: Geometry;
  readonly #codec: SegmentCodec;
  readonly #sha256: Hash = createHash('sha256');
  readonly #hashes: Uint8Array[];
  readonly #buffer: Buffer;
  #tree: Uint8Array | undefined;
  readonly #treeLength: number;
  #next = 0;
  /** Memory that segments are encoded in, by slot; made when first used. */
  readonly #slots = new Map<number, Uint8Array>();
  readonly #free: number[] = [];
  #finished = false;

  /** @throws PeerError `not-found`, `not-a-file`, `disk`, `limit` */
  constructor(
    private readonly input: ShareJobInput,
    kernel: Kernel,
    private readonly post: Post,
  ) {
    // Never waits for a writer of a FIFO: what is not a regular file is refused below.
    this.#file = openSync(input.path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      this.#before = fstatSync(this.#file, { bigint: true });
      if (!this.#before.isFile()) {
        throw new PeerError('not-a-file', `“${input.name}” is not a regular file.`, {
          hint: 'Choose a file; folders come in a later version.',
        });
      }
      this.#size = Number(this.#before.size);
      // The digest is of fixed length: the tree has its final length before the file was read.
      this.#treeLength = this.#encodeTree(new Uint8Array(32)).byteLength;
      this.#geometry = geometryFor(this.#size + this.#treeLength, input.k, input.m);
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
    this.#codec = new SegmentCodec(kernel, { shareId: input.shareId, geometry: this.#geometry });
    const shards = input.k === 1 ? 1 : input.k + input.m;
    this.#hashes = Array.from(
      { length: shards },
      () => new Uint8Array(32 * this.#geometry.segments),
    );
    this.#buffer = Buffer.allocUnsafeSlow(segmentCapacity(this.#geometry, 0));
    post({
      type: 'opened',
      geometry: this.#geometry,
      size: this.#size,
      treeOffset: this.#size,
      treeLength: this.#treeLength,
    });
  }

  take(message: ToWorker): void {
    if (message.type === 'more' && !this.#finished) {
      this.#free.push(message.slot);
      while (this.#next < this.#geometry.segments) {
        const slot = this.#free.pop();
        if (slot === undefined) return;
        this.#encodeNext(slot);
      }
      if (this.#next === this.#geometry.segments) this.#finish();
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #encodeNext(slot: number): void {
    const segment = this.#next;
    this.#next += 1;
    const start = segmentStart(this.#geometry, segment);
    const end = Math.min(
      start + segmentCapacity(this.#geometry, segment),
      this.#size + this.#treeLength,
    );
    const plaintext = this.#buffer.subarray(0, end - start);
    const fromFile = Math.max(0, Math.min(end, this.#size) - start);
    this.#readFully(plaintext.subarray(0, fromFile), start);
    this.#sha256.update(plaintext.subarray(0, fromFile));
    if (end > this.#size) {
      this.#tree ??= this.#encodeTree(new Uint8Array(this.#sha256.copy().digest()));
      const from = Math.max(0, start - this.#size);
      plaintext.set(this.#tree.subarray(from, end - this.#size), fromFile);
    }
    const pieces = this.#codec.encode(
      segment,
      plaintext,
      this.input.contentKey,
      this.#memory(slot),
    );
    pieces.forEach((piece, shard) => this.#hashes[shard]?.set(pieceHash(piece), 32 * segment));
    this.post({ type: 'encoded', segment, slot, pieces, done: Math.min(end, this.#size) });
  }

  #memory(slot: number): Uint8Array {
    const known = this.#slots.get(slot);
    if (known !== undefined) return known;
    const size = this.#hashes.length * pieceBytes(this.#geometry, 0);
    const made = new Uint8Array(new SharedArrayBuffer(size));
    this.#slots.set(slot, made);
    return made;
  }

  #readFully(target: Buffer, position: number): void {
    for (let done = 0; done < target.byteLength;) {
      const count = readSync(this.#file, target, done, target.byteLength - done, position + done);
      if (count === 0) throw changed(this.input.name);
      done += count;
    }
  }

  #finish(): void {
    this.#finished = true;
    const after = fstatSync(this.#file, { bigint: true });
    const { size, mtimeNs, ctimeNs } = this.#before;
    if (after.size !== size || after.mtimeNs !== mtimeNs || after.ctimeNs !== ctimeNs) {
      throw changed(this.input.name);
    }
    const { segments } = this.#geometry;
    const { shareId } = this.input;
    const sha256 = new Uint8Array(this.#sha256.digest());
    const tree = this.#tree ?? this.#encodeTree(sha256);
    this.post({
      type: 'shared',
      roots: this.#hashes.map((hashes, shard) => shardRoot({ shareId, shard, segments }, hashes)),
      sha256,
      treeDigest: new Uint8Array(createHash('sha256').update(tree).digest()),
    });
  }

  #encodeTree(sha256: Uint8Array): Uint8Array {
    return encodeTree({
      git: null,
      entries: [
        {
          kind: 'file',
          path: this.input.name,
          size: this.#size,
          mode: Number(this.#before.mode) & 0o777,
          mtimeMs: Number(this.#before.mtimeMs),
          sha256,
        },
      ],
    });
  }
}

function changed(name: string): PeerError {
  return new PeerError('source-changed', `“${name}” changed while it was shared.`, {
    hint: 'Nothing was shared. Try again when the file is at rest.',
  });
}
