import type { Seal } from '../../chunk/cipher.js';
import { segmentCapacity, segmentStart } from '../../chunk/geometry.js';
import type { Kernel } from '../../chunk/kernel.js';
import { SegmentCodec } from '../../chunk/segment.js';
import { pieceHash } from '../../chunk/shardRoot.js';
import { PeerError } from '../../common/errors.js';
import { transferLimits } from '../limits.js';
import { FileSink } from './fileSink.js';
import { FolderSink } from './folderSink.js';
import type { FromWorker, GetJobInput, PiecesMessage, ToWorker } from './messages.js';
import { SealJournal } from './sealJournal.js';
import { SegmentOrder, type TargetSink } from './targetSink.js';

type Post = (message: FromWorker) => void;

/** A segment between its decryption and the end of all that is done with it. */
interface Opened {
  readonly plaintext: Uint8Array;
  readonly seal: Seal;
  hashed: boolean;
  written: boolean;
}

/**
 * Puts a file or folder together: opens each segment, and hands it to the sink that writes and hashes it, beside the
 * target. The final name appears only when every SHA-256 is right. What an earlier run has written is read again, in its
 * turn, and held against the seal that its journal has.
 */
export class GetJob {
  readonly #codec: SegmentCodec;
  readonly #sink: TargetSink;
  readonly #order: SegmentOrder;
  readonly #journal: SealJournal | null;
  /** Segments of an earlier run that were not read again yet. */
  readonly #kept: Map<number, Seal>;
  #rereads = false;
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
    const { shareId, geometry, folder, resume } = input;
    this.#codec = new SegmentCodec(kernel, { shareId, geometry });
    // Before anything is made: whoever finds what this run has left is told by it where.
    const fresh =
      input.journal === null || resume
        ? null
        : SealJournal.create(input.journal, shareId, input.temporaryPath);
    try {
      this.#sink = folder === null ? new FileSink(input) : new FolderSink(input, folder);
    } catch (error) {
      fresh?.close();
      throw error;
    }
    const { runs, total } = this.#sink;
    this.#order = new SegmentOrder(runs);
    this.#journal = fresh ?? openJournal(input, this.#sink);
    fresh?.setOwner(this.#sink.identity);
    this.#kept = new Map(
      [...(this.#journal?.seals ?? [])].filter(([segment]) => this.#order.has(segment)),
    );
    if (folder !== null || resume) {
      post({ type: 'planned', runs, kept: [...this.#kept.keys()], total });
    }
  }

  /** Whether it has used little memory. */
  get usedLittle(): boolean {
    return this.input.geometry.segments <= transferLimits.smallSegments;
  }

  take(message: ToWorker): void {
    if (message.type === 'pieces') this.#decode(message);
    if (message.type === 'begin') this.#goOn();
  }

  close(keep = false): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#journal?.close();
    this.#sink.close(keep);
  }

  #decode({ segment, pieces }: PiecesMessage): void {
    let plaintext: Uint8Array;
    let seal: Seal = new Uint8Array();
    try {
      const { contentKey } = this.input;
      plaintext = this.#codec.decode(segment, new Map(pieces), contentKey, {
        target: this.#memory(),
        onSeal: (bytes) => {
          seal = bytes;
        },
      });
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
    const opened: Opened = { plaintext, seal, hashed: false, written: false };
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
      if (opened === undefined) {
        if (this.#kept.has(segment)) this.#rereadSoon();
        return;
      }
      this.#sink.inOrder(this.#start(segment), opened.plaintext, false);
      opened.hashed = true;
      this.#next += 1;
      if (opened.written && !this.#sink.writesOnArrival) this.#journal?.add(segment, opened.seal);
      this.#free(segment, opened);
    }
  }

  /** One a turn of the loop: pieces that come and a word to stop are heard in between. */
  #rereadSoon(): void {
    if (this.#rereads) return;
    this.#rereads = true;
    setImmediate(() => {
      this.#rereads = false;
      if (this.#closed) return;
      try {
        this.#reread(this.#order.at(this.#next));
      } catch (error) {
        this.fail(error);
      }
    });
  }

  #reread(segment: number): void {
    const seal = this.#kept.get(segment);
    if (seal === undefined) return;
    this.#kept.delete(segment);
    const { geometry, contentKey } = this.input;
    const start = this.#start(segment);
    const memory = this.#memory();
    const plaintext = memory.subarray(0, segmentCapacity(geometry, segment));
    const isThere = this.#sink.reread(start, plaintext);
    if (isThere && this.#codec.isSealOf(segment, plaintext, contentKey, seal)) {
      this.#sink.inOrder(start, plaintext, true);
      this.#next += 1;
      this.post({ type: 'written', segment, done: this.#sink.done });
    } else {
      this.post({ type: 'missing', segment });
    }
    this.#idle.push(memory);
    this.#goOn();
  }

  #written(segment: number, opened: Opened): void {
    if (this.#closed) return;
    // Where the sink can read it again: if not yet, then as soon as it has come in its turn.
    if (this.#sink.writesOnArrival || opened.hashed) this.#journal?.add(segment, opened.seal);
    this.#free(segment, opened);
    this.post({ type: 'written', segment, done: this.#sink.done });
    try {
      this.#finishWhenDone();
    } catch (error) {
      this.fail(error);
    }
  }

  #goOn(): void {
    this.#hashNext();
    this.#finishWhenDone();
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

  #finishWhenDone(): void {
    if (this.#next < this.#order.length || this.#opened.size > 0) return;
    this.post({ type: 'finished', ...this.#sink.finish() });
  }
}

function openJournal(
  { journal, shareId, temporaryPath }: GetJobInput,
  { identity }: TargetSink,
): SealJournal | null {
  if (journal === null) return null;
  const known = SealJournal.resume(journal, shareId, identity);
  if (known !== null) return known;
  const anew = SealJournal.create(journal, shareId, temporaryPath);
  anew.setOwner(identity);
  return anew;
}
