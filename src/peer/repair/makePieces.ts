import { pieceBytes, shardInHeader, type Geometry } from '../../chunk/geometry.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Lease } from '../../common/memory.js';
import type { SignedShare } from '../catalog/catalog.js';
import { distrustWrong } from '../get/distrust.js';
import { Fetcher } from '../get/fetcher.js';
import { PieceHashes } from '../get/pieceHashes.js';
import type { Source } from '../get/sources.js';
import type { ReadThread } from '../read/readThread.js';
import type { Pace } from './pace.js';
import { repairLimits } from '../limits.js';

export interface MakeOptions {
  readonly share: SignedShare;
  /** The shard whose pieces are made. */
  readonly shard: number;
  /** Segments in the order in which they are wanted. */
  readonly segments: Iterable<number>;
  /** Others' shards, and the same shard with others. */
  readonly sources: readonly Source[];
  readonly thread: ReadThread;
  readonly pace: Pace;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** `piece` is the borrower's. A few at a time, in any order. */
  readonly onPiece: (segment: number, piece: Uint8Array) => Promise<void>;
  /** This holder's piece is not the signed one. */
  readonly onDamage: (source: Source) => void;
}

/**
 * Makes pieces of one shard without any key: copies them from whoever has the same shard, or computes them of any k others.
 * Every piece that goes in is held against the signed root of its shard.
 *
 * @throws PeerError `not-enough-shards`, `cancelled`, what `onPiece` throws
 */
export async function makePieces(options: MakeOptions): Promise<void> {
  const making = new Making(options);
  try {
    await making.run();
  } finally {
    making.stop();
  }
}

/** All segments of a share, without a list of them. */
export function* everySegment({ segments }: Geometry): Generator<number> {
  for (let segment = 0; segment < segments; segment++) yield segment;
}

class Making {
  readonly #result = Promise.withResolvers<null>();
  readonly #hashes: PieceHashes;
  readonly #segments: Iterator<number>;
  /** Segments that are asked for. */
  readonly #fetching = new Set<number>();
  #fetcher: Fetcher;
  #inFlight = 0;
  #ended = false;

  constructor(private readonly options: MakeOptions) {
    const { share, shard, sources } = options;
    this.#result.promise.catch(() => undefined);
    this.#hashes = new PieceHashes(share);
    this.#segments = options.segments[Symbol.iterator]();
    const { geometry } = share.manifest;
    const wanted = shardInHeader(geometry, shard);
    const copies = sources.filter((one) => shardInHeader(geometry, one.shard) === wanted);
    // One piece a segment is all that is needed then, as if k were 1.
    this.#fetcher =
      copies.length > 0
        ? this.#fetch({ ...geometry, k: 1, m: geometry.k + geometry.m - 1 }, copies, () => {
            this.#fetchOthers();
          })
        : this.#fetch(geometry, sources, this.#fail);
  }

  async run(): Promise<void> {
    const { signal, thread } = this.options;
    if (signal.aborted) this.#cancelled();
    signal.addEventListener('abort', this.#cancelled, { once: true });
    thread.warm();
    this.#next();
    await this.#result.promise;
  }

  stop(): void {
    this.#ended = true;
    this.options.signal.removeEventListener('abort', this.#cancelled);
    this.#fetcher.stop();
  }

  readonly #fail = (error: unknown): void => {
    this.#result.reject(PeerError.from(error));
  };

  readonly #cancelled = (): void => {
    this.#fail(new PeerError('cancelled', 'The repair was cancelled.'));
  };

  #fetch(
    geometry: Geometry,
    sources: readonly Source[],
    onFailure: (error: PeerError) => void,
  ): Fetcher {
    const { share, signal } = this.options;
    return new Fetcher({
      shareId: share.row.shareId,
      ...{ geometry, sources, signal, onFailure },
      onSegment: (segment, pieces, from) => {
        this.#fetching.delete(segment);
        this.#arrived(segment, pieces, from).catch(this.#fail);
      },
    });
  }

  /** Whoever had the same shard is gone, or is wrong: it is computed from now on. */
  #fetchOthers(): void {
    if (this.#ended) return;
    this.#fetcher.stop();
    const { share, sources } = this.options;
    this.#fetcher = this.#fetch(share.manifest.geometry, sources, this.#fail);
    for (const segment of this.#fetching) this.#fetcher.fetch(segment);
  }

  #next(): void {
    while (this.#inFlight < repairLimits.segmentsInFlight && !this.#ended) {
      const next = this.#segments.next();
      if (next.done === true) {
        if (this.#inFlight === 0) this.#result.resolve(null);
        return;
      }
      this.#inFlight += 1;
      this.#start(next.value).catch(this.#fail);
    }
  }

  async #start(segment: number): Promise<void> {
    const { share, pace, signal } = this.options;
    await pace.take(pieceBytes(share.manifest.geometry, segment), signal);
    this.#ask(segment);
  }

  #ask(segment: number): void {
    if (this.#ended) return;
    this.#fetching.add(segment);
    this.#fetcher.fetch(segment);
  }

  async #arrived(
    segment: number,
    pieces: ReadonlyMap<number, Lease>,
    from: ReadonlyMap<number, Source>,
  ): Promise<void> {
    const { share, shard, thread, onPiece } = this.options;
    const { shareId, geometry } = share.manifest;
    const made = await thread.call('rebuild', {
      share: { shareId, geometry },
      ...{ segment, shard: this.#named(shard, pieces) },
      pieces: [...pieces].map(([one, { bytes }]) => [one, bytes] as const),
    });
    // Only now: a thread that does not answer may still read them.
    for (const piece of pieces.values()) piece.release();
    const { signal, logger, onDamage: onWrong } = this.options;
    const options = { fetcher: this.#fetcher, pages: this.#hashes, logger, signal, onWrong };
    if (await distrustWrong(options, segment, made.hashes, from)) {
      this.#ask(segment);
      return;
    }
    await onPiece(segment, made.piece);
    this.#inFlight -= 1;
    this.#next();
  }

  /** All copies are the same when k is 1, whatever their numbers. */
  #named(shard: number, pieces: ReadonlyMap<number, Lease>): number {
    const { k } = this.options.share.manifest.geometry;
    return k === 1 ? ([...pieces.keys()][0] ?? shard) : shard;
  }
}
