import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Lease } from '../../common/memory.js';
import type { OpenedShare } from '../catalog/catalog.js';
import { distrustWrong } from '../get/distrust.js';
import { Fetcher } from '../get/fetcher.js';
import type { PieceHashes } from '../get/pieceHashes.js';
import { cheapest, type Source } from '../get/sources.js';
import type { ReadThread } from './readThread.js';

export interface SegmentsOptions {
  readonly share: OpenedShare;
  readonly sources: readonly Source[];
  readonly hashes: PieceHashes;
  readonly thread: ReadThread;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Bytes of pieces that came. */
  readonly onFetched: (bytes: number) => void;
}

/**
 * Plaintext of some segments, padding included. Every piece is held against the signed root of its shard: every member
 * of the group has the content key, so the tag of a segment alone proves nothing of who made it.
 *
 * @throws PeerError `not-enough-shards`, `integrity`, `cancelled`, `timeout`
 */
export async function readSegments(
  options: SegmentsOptions,
  segments: readonly number[],
): Promise<ReadonlyMap<number, Uint8Array>> {
  if (segments.length === 0) return new Map();
  options.thread.warm(); // it starts while the holders are asked
  const read = new SegmentsRead(options, segments);
  try {
    return await read.run();
  } finally {
    read.stop();
  }
}

class SegmentsRead {
  readonly #result = Promise.withResolvers<ReadonlyMap<number, Uint8Array>>();
  readonly #got = new Map<number, Uint8Array>();
  readonly #fetcher: Fetcher;

  constructor(
    private readonly options: SegmentsOptions,
    private readonly segments: readonly number[],
  ) {
    const { share, sources, signal } = options;
    this.#result.promise.catch(() => undefined);
    this.#fetcher = new Fetcher({
      shareId: share.row.shareId,
      geometry: share.manifest.geometry,
      sources,
      signal,
      onSegment: (segment, pieces, from) => {
        this.#check(segment, pieces, from).catch(this.#fail);
      },
      onFailure: this.#fail,
    });
  }

  async run(): Promise<ReadonlyMap<number, Uint8Array>> {
    const { signal } = this.options;
    if (signal.aborted) this.#aborted();
    signal.addEventListener('abort', this.#aborted, { once: true });
    this.#askForPages();
    for (const segment of this.segments) this.#fetcher.fetch(segment);
    return await this.#result.promise;
  }

  stop(): void {
    this.options.signal.removeEventListener('abort', this.#aborted);
    this.#fetcher.stop();
  }

  readonly #fail = (error: unknown): void => {
    this.#result.reject(PeerError.from(error));
  };

  readonly #aborted = (): void => {
    const { reason } = this.options.signal as { readonly reason: unknown };
    this.#fail(
      reason instanceof Error && reason.name === 'TimeoutError'
        ? new PeerError('timeout', 'The holders did not answer in time.')
        : new PeerError('cancelled', 'The reading was cancelled.'),
    );
  };

  /** Together with the pieces, of those who will be asked for these first: nothing is under way yet. */
  #askForPages(): void {
    const { share, sources, hashes } = this.options;
    for (const segment of this.segments) {
      const first = cheapest(sources, segment).slice(0, share.manifest.geometry.k);
      for (const source of first) {
        hashes.page(source, segment).catch(() => undefined); // asked again below
      }
    }
  }

  async #check(
    segment: number,
    pieces: ReadonlyMap<number, Lease>,
    from: ReadonlyMap<number, Source>,
  ): Promise<void> {
    const { share, thread, onFetched } = this.options;
    const { shareId, geometry } = share.manifest;
    const key = { shareId, geometry, contentKey: share.info.contentKey };
    for (const { bytes } of pieces.values()) onFetched(bytes.byteLength);
    const opened = await thread.call('open', {
      share: key,
      segment,
      pieces: [...pieces].map(([shard, { bytes }]) => [shard, bytes] as const),
    });
    // Only now: a thread that does not answer may still read them.
    for (const piece of pieces.values()) piece.release();
    const { signal, logger, hashes: pages } = this.options;
    const options = { fetcher: this.#fetcher, pages, logger, signal };
    if (await distrustWrong(options, segment, opened.hashes, from)) {
      this.#fetcher.fetch(segment);
      return;
    }
    if (opened.plaintext === null) {
      throw new PeerError('integrity', 'The pieces are those that were signed, but do not open.');
    }
    this.#got.set(segment, opened.plaintext);
    if (this.#got.size === this.segments.length) this.#result.resolve(this.#got);
  }
}
