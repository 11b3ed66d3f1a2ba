import { segmentStart } from '../../chunk/geometry.js';
import type { Kernel } from '../../chunk/kernel.js';
import { SegmentCodec } from '../../chunk/segment.js';
import { pieceHash } from '../../chunk/shardRoot.js';
import { PeerError } from '../../common/errors.js';
import { discard } from '../../common/memory.js';
import { FileSink } from './fileSink.js';
import { FolderSink } from './folderSink.js';
import type { FromWorker, GetJobInput, PiecesMessage, ToWorker } from './messages.js';
import { SegmentOrder, type TargetSink } from './targetSink.js';

type Post = (message: FromWorker) => void;

/**
 * Puts a file or folder together: opens each segment, and hands it to the sink that writes and hashes it, beside the
 * target. The final name appears only when every SHA-256 is right.
 */
export class GetJob {
  readonly #codec: SegmentCodec;
  readonly #sink: TargetSink;
  readonly #order: SegmentOrder;
  /** Segments that came before their turn. */
  readonly #early = new Map<number, Uint8Array>();
  /** Position in the order of what comes next. */
  #next = 0;

  /** @throws PeerError `disk`, `not-found`, `exists`, `limit`; `integrity` and `protocol` for the tree of a folder */
  constructor(
    private readonly input: GetJobInput,
    kernel: Kernel,
    private readonly post: Post,
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
    this.#sink.close();
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
    this.#sink.arrived(this.#start(segment), plaintext);
    if (segment === this.#segmentAt(this.#next)) this.#inOrder(segment, plaintext);
    else this.#early.set(segment, plaintext);
    for (let segment; (segment = this.#segmentAt(this.#next)) !== undefined;) {
      const early = this.#early.get(segment);
      if (early === undefined) break;
      this.#early.delete(segment);
      this.#inOrder(segment, early);
    }
    this.post({ type: 'written', segment, done: this.#sink.done });
    if (this.#next === this.#order.length) this.#finish();
  }

  #isSound(segment: number, shard: number, piece: Uint8Array): boolean {
    return this.#codec.checkPiece(segment, shard, piece).length === 0;
  }

  #inOrder(segment: number, plaintext: Uint8Array): void {
    this.#sink.inOrder(this.#start(segment), plaintext);
    discard(plaintext);
    this.#next += 1;
  }

  #segmentAt(index: number): number | undefined {
    return index < this.#order.length ? this.#order.at(index) : undefined;
  }

  #start(segment: number): number {
    return segmentStart(this.input.geometry, segment);
  }

  #finish(): void {
    this.post({ type: 'finished', ...this.#sink.finish() });
  }
}
