import { segmentCapacity, segmentStart } from '../../chunk/geometry.js';
import type { Kernel } from '../../chunk/kernel.js';
import { SegmentCodec } from '../../chunk/segment.js';
import { pieceHash } from '../../chunk/shardRoot.js';
import { PeerError } from '../../common/errors.js';
import { FileSink } from './fileSink.js';
import { FolderSink } from './folderSink.js';
import type { FromWorker, GetJobInput, PiecesMessage, ToWorker } from './messages.js';
import { SegmentOrder, type TargetSink } from './targetSink.js';

type Post = (message: FromWorker) => void;

/** A segment between its decryption and the end of all that is done with it. */
interface Opened {
  readonly plaintext: Uint8Array;
  hashed: boolean;
  written: boolean;
}

/**
 * Puts a file or folder together: opens each segment, and hands it to the sink that writes and hashes it, beside the
 * target. The final name appears only when every SHA-256 is right.
 */
export class GetJob {
  readonly #codec: SegmentCodec;
  readonly #sink: TargetSink;
  readonly #order: SegmentOrder;
  /** Segments that came and are not done with, by number. */
  readonly #opened = new Map<number, Opened>();
  /** Memory of segments that are done with: what is under way at once has been faulted in once. */
  readonly #idle: Uint8Array[] = [];
  /** Position in the order of what is hashed next. */
  #next = 0;
  #closed = false;

  /** @throws PeerError `disk`, `not-found`, `exists`, `limit`; `integrity` and `protocol` for the tree of a folder */
  constructor(
    private readonly input: GetJobInput,
    kernel: Kernel,
    private readonly post: Post,
    /** Told what goes wrong between two messages; at most once. */
    private readonly fail: (error: unknown) => void,
  ) {
    const { shareId, geometry, folder } = input;
    this.#codec = new SegmentCodec(kernel, { shareId, geometry });
    this.#sink = folder === null ? new FileSink(input) : new FolderSink(input, folder);
    const { runs, total } = this.#sink;
    this.#order = new SegmentOrder(runs);
    if (folder !== null) post({ type: 'planned', runs, total });
  }

  take(message: ToWorker): void {
    if (message.type === 'pieces') this.#decode(message);
    if (message.type === 'begin' && this.#order.length === 0) this.#finish();
  }

  close(): void {
    this.#closed = true;
    this.#sink.close();
  }

  #decode({ segment, pieces }: PiecesMessage): void {
    let plaintext: Uint8Array;
    try {
      const { contentKey } = this.input;
      plaintext = this.#codec.decode(segment, new Map(pieces), contentKey, this.#memory());
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
    const opened: Opened = { plaintext, hashed: false, written: false };
    this.#opened.set(segment, opened);
    this.#sink.arrived(this.#start(segment), plaintext).then(() => {
      opened.written = true;
      this.#written(segment, opened);
    }, this.fail);
    this.#hashNext();
  }

  /** What is done with segments in their order, as far as they came. */
  #hashNext(): void {
    while (this.#next < this.#order.length) {
      const segment = this.#order.at(this.#next);
      const opened = this.#opened.get(segment);
      if (opened === undefined) return;
      this.#sink.inOrder(this.#start(segment), opened.plaintext);
      opened.hashed = true;
      this.#next += 1;
      this.#free(segment, opened);
    }
  }

  #written(segment: number, opened: Opened): void {
    this.#free(segment, opened);
    if (this.#closed) return;
    this.post({ type: 'written', segment, done: this.#sink.done });
    if (this.#next < this.#order.length || this.#opened.size > 0) return;
    try {
      this.#finish();
    } catch (error) {
      this.fail(error);
    }
  }

  #free(segment: number, { plaintext, hashed, written }: Opened): void {
    if (!hashed || !written) return;
    this.#idle.push(new Uint8Array(plaintext.buffer)); // all of it: the last segment is shorter
    this.#opened.delete(segment);
  }

  #memory(): Uint8Array {
    return this.#idle.pop() ?? new Uint8Array(segmentCapacity(this.input.geometry, 0));
  }

  #isSound(segment: number, shard: number, piece: Uint8Array): boolean {
    return this.#codec.checkPiece(segment, shard, piece).length === 0;
  }

  #start(segment: number): number {
    return segmentStart(this.input.geometry, segment);
  }

  #finish(): void {
    this.post({ type: 'finished', ...this.#sink.finish() });
  }
}
