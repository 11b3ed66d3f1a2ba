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
import { PeerError } from '../../common/errors.js';
import { folderLimits, transferLimits } from '../limits.js';
import type { FromWorker, LeftOut, ShareJobInput, ToWorker } from './messages.js';
import { SealJournal } from './sealJournal.js';
import { refuseSecrets } from './secrets.js';
import { SourceReader } from './sourceReader.js';
import { readSourceTree } from './sourceTree.js';

/** A share writes no file that could be taken for another one. */
const nobody = { dev: 0n, ino: 0n, birthtimeNs: 0n };

type Post = (message: FromWorker) => void;

/**
 * Reads a file or folder once, front to back, and turns it into the pieces of all segments: SHA-256 of each file,
 * encryption, erasure code, chunk headers, SHA-256 of each piece. Produces only as many segments as it was
 * given credits for. Runs in a worker: file access is synchronous.
 */
export class ShareJob {
  readonly #source: SourceReader;
  readonly #geometry: Geometry;
  readonly #codec: SegmentCodec;
  readonly #journal: SealJournal | null;
  readonly #hashes: Uint8Array[];
  readonly #buffer: Buffer;
  #next = 0;
  /** Memory that segments are encoded in, by slot; made when first used. */
  readonly #slots = new Map<number, Uint8Array>();
  readonly #free: number[] = [];
  #finished = false;

  /**
   * @throws PeerError `not-found`, `not-a-file`, `disk`, `limit`, `secrets`, `usage` for names that not every platform takes;
   * `source-changed` here and later, also when a segment is not what an earlier run has sealed
   */
  constructor(
    private readonly input: ShareJobInput,
    kernel: Kernel,
    private readonly post: Post,
  ) {
    const tree = readSourceTree(input);
    if (!input.allowSecrets) refuseSecrets(tree);
    this.#source = new SourceReader(tree, input.git);
    const { size, treeLength } = this.#source;
    this.#geometry = geometryFor(size + treeLength, input.k, input.m);
    const { shareId, journal } = input;
    this.#codec = new SegmentCodec(kernel, { shareId, geometry: this.#geometry });
    this.#journal =
      journal === null || this.#geometry.segments <= transferLimits.smallSegments
        ? null
        : (SealJournal.resume(journal, shareId, nobody) ??
          SealJournal.create(journal, shareId, ''));
    const shards = input.k === 1 ? 1 : input.k + input.m;
    this.#hashes = Array.from(
      { length: shards },
      () => new Uint8Array(32 * this.#geometry.segments),
    );
    this.#buffer = Buffer.allocUnsafeSlow(segmentCapacity(this.#geometry, 0));
    post({
      type: 'opened',
      geometry: this.#geometry,
      kind: tree.kind,
      entries: tree.entries.length,
      size,
      treeOffset: size,
      treeLength,
      leftOut: { ignored: tree.ignored, links: named(tree.links), special: named(tree.special) },
    });
  }

  /** Whether it has used little memory, which is that of all pieces of a few segments. */
  get usedLittle(): boolean {
    const { segments, k, m } = this.#geometry;
    return segments * Math.ceil((k + m) / k) <= transferLimits.smallSegments;
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
    this.#journal?.close();
    this.#source.close();
  }

  #encodeNext(slot: number): void {
    const segment = this.#next;
    this.#next += 1;
    const { size, treeLength } = this.#source;
    const start = segmentStart(this.#geometry, segment);
    const end = Math.min(start + segmentCapacity(this.#geometry, segment), size + treeLength);
    const plaintext = this.#buffer.subarray(0, end - start);
    this.#source.read(plaintext, start);
    const pieces = this.#encode(segment, plaintext, this.#memory(slot));
    const hashes = pieces.map((piece) => pieceHash(piece));
    hashes.forEach((hash, shard) => this.#hashes[shard]?.set(hash, 32 * segment));
    this.post({ type: 'encoded', segment, slot, pieces, hashes, done: Math.min(end, size) });
  }

  #encode(segment: number, plaintext: Uint8Array, target: Uint8Array): Uint8Array[] {
    const { contentKey } = this.input;
    const again = this.#journal?.seals.get(segment);
    if (again === undefined) {
      return this.#codec.encode(segment, plaintext, contentKey, {
        target,
        // Before anybody has a piece of it: whoever goes on makes the same ones.
        onSeal: (seal) => this.#journal?.add(segment, seal),
      });
    }
    try {
      return this.#codec.encode(segment, plaintext, contentKey, { target, again });
    } catch (error) {
      if (!PeerError.is(error, 'integrity')) throw error;
      throw new PeerError('source-changed', 'The file is not what it was when its sharing began.', {
        cause: error,
      });
    }
  }

  #memory(slot: number): Uint8Array {
    const known = this.#slots.get(slot);
    if (known !== undefined) return known;
    const size = this.#hashes.length * pieceBytes(this.#geometry, 0);
    const made = new Uint8Array(new SharedArrayBuffer(size));
    this.#slots.set(slot, made);
    return made;
  }

  #finish(): void {
    this.#finished = true;
    const { sha256, treeDigest } = this.#source.finish();
    const { segments } = this.#geometry;
    const { shareId } = this.input;
    this.post({
      type: 'shared',
      roots: this.#hashes.map((hashes, shard) => shardRoot({ shareId, shard, segments }, hashes)),
      sha256,
      treeDigest,
    });
  }
}

function named(paths: readonly string[]): LeftOut {
  return { count: paths.length, some: paths.slice(0, folderLimits.named) };
}
