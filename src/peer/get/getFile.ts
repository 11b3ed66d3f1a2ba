import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { equalBytes, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Lease } from '../../common/memory.js';
import type { Location, OpenedShare } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';
import { JobThread } from '../jobs/jobThread.js';
import type { JobThreads } from '../jobs/jobThreads.js';
import type {
  FinishedMessage,
  FolderPart,
  PlannedMessage,
  RejectedMessage,
  WrittenMessage,
} from '../jobs/messages.js';
import { SegmentOrder } from '../jobs/targetSink.js';
import { getLimits } from '../limits.js';
import type { PieceWatch } from '../trace/pieceWatch.js';
import type { Kept } from '../transfers/keptTask.js';
import type { GetDraft } from '../transfers/task.js';
import type { Blame } from './blame.js';
import { Fetcher, type FetcherOptions } from './fetcher.js';
import { PieceHashes } from './pieceHashes.js';
import { sourcesOf, type Source } from './sources.js';
import { Window } from './window.js';
import {
  checkParent,
  checkTarget,
  isSmall,
  whatIsLeft,
  workplaceFor,
  type Workplace,
} from './workplace.js';

export interface GetOptions {
  readonly share: OpenedShare;
  readonly locations: readonly Location[];
  /** A holder that can be reached now, this peer included. */
  readonly holder: (nodeId: string) => Holder | undefined;
  readonly blame?: Blame;
  readonly threads: JobThreads;
  readonly logger: Logger;
  /** Absolute path of the file or folder to write. */
  readonly path: string;
  /** Whether a file may be replaced; a folder never is. */
  readonly overwrite: boolean;
  /**
   * What lies there already is the result where it is all that is wanted, by every SHA-256, and nothing is fetched.
   * After an earlier run that may have come to its end, it is in any case.
   */
  readonly acceptSame?: boolean;
  /** Null when the share is a single file. */
  readonly folder: FolderPart | null;
  readonly hedgeFloorMs?: FetcherOptions['hedgeFloorMs'];
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number, peers: number) => void;
  readonly watch?: PieceWatch;
  /** What an earlier run has left, and where this one leaves what a later one may go on with. */
  readonly kept?: Kept<GetDraft>;
  /** Whether a later run will go on after this error. */
  readonly goesOn?: (error: unknown) => boolean;
}

export interface Got {
  /** Of the one file, hex; empty for several. */
  readonly sha256: string;
  readonly bytes: number;
  /** Files, folders and links. */
  readonly entries: number;
  /** Paths of links that were not made, because they would lead out of the target. */
  readonly leftOut: readonly string[];
  /** Bytes of pieces by node id. */
  readonly from: ReadonlyMap<string, number>;
}

/**
 * Fetches, verifies and writes one file or folder. Until all of it is verified it has a name that starts with a dot and
 * ends in `.part`, and whatever fails leaves nothing behind, unless a later run goes on with it.
 *
 * @throws PeerError `not-enough-shards`, `integrity`, `exists`, `disk`, `disk-full`, `cancelled`
 */
export async function getFile(options: GetOptions): Promise<Got> {
  await checkParent(options.path);
  const left = await whatIsLeft(options);
  if (left?.as === 'published' && (await isRight(options))) return alreadyThere(options.share);
  if (options.folder === null) await checkTarget(options.path, options.overwrite);
  const sources = sourcesOf(options);
  const workplace = await workplaceFor(options, left);
  const download = new Download(options, sources, workplace);
  const { sha256, ...written } = await download.run().catch(async (error: unknown) => {
    const keep =
      workplace.journal !== null && !isSmall(options.share) && options.goesOn?.(error) === true;
    await download.stop(keep);
    // It had its name already when it was to be stopped.
    if (download.finished !== null) return download.finished;
    throw error;
  });
  await download.stop(false);
  const from = new Map<string, number>();
  for (const { holder, bytes: count } of sources) {
    if (count > 0) from.set(holder.nodeId, (from.get(holder.nodeId) ?? 0) + count);
  }
  return {
    sha256: sha256 === null ? '' : toHex(sha256),
    bytes: written.bytes,
    entries: written.entries,
    leftOut: written.leftOut,
    from,
  };
}

/** Of a file; a folder got its name when all of it was. */
async function isRight({ share: { info }, path }: GetOptions): Promise<boolean> {
  if (info.kind === 'folder') return true;
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Uint8Array);
  return equalBytes(hash.digest(), info.sha256);
}

function alreadyThere({ info }: OpenedShare): Got {
  return {
    sha256: info.kind === 'file' ? toHex(info.sha256) : '',
    ...{ bytes: info.totalSize, entries: info.entries, leftOut: [], from: new Map() },
  };
}

class Download {
  /** All of it lies at the target, under its name. */
  finished: FinishedMessage | null = null;
  readonly #result = Promise.withResolvers<FinishedMessage>();
  readonly #thread: JobThread;
  readonly #fetcher: Fetcher;
  readonly #hashes: PieceHashes;
  /** What is fetched; nothing until it is known. Positions in it are counted below. */
  #order = new SegmentOrder([]);
  #total: number;
  #next = 0;
  #inFlight = 0;
  readonly #window = new Window();
  /** When each segment that has not come was asked for. */
  readonly #asked = new Map<number, number>();
  /** Segments that an earlier run has written: they are read again when it is their turn. */
  #kept = new Set<number>();
  /** Everything before it is written. */
  #head = 0;
  readonly #ahead = new Set<number>();
  /** Whose pieces the segments are made of that are not written yet, by shard. */
  readonly #from = new Map<number, ReadonlyMap<number, Source>>();

  /** Pieces that the thread reads. */
  readonly #leases = new Map<number, readonly Lease[]>();

  constructor(
    private readonly options: GetOptions,
    private readonly sources: readonly Source[],
    private readonly workplace: Workplace,
  ) {
    const { share, signal } = options;
    const { manifest, info } = share;
    this.#result.promise.catch(() => undefined);
    this.#total = info.totalSize;
    this.#hashes = new PieceHashes(share);
    this.#thread = new JobThread(
      options.threads,
      {
        kind: 'get',
        shareId: manifest.shareId,
        geometry: manifest.geometry,
        contentKey: info.contentKey,
        ...workplace,
        path: options.path,
        overwrite: options.overwrite,
        acceptSame:
          options.acceptSame === true || options.kept?.hasRun === true || workplace.resume,
        treeOffset: info.treeOffset,
        treeLength: info.treeLength,
        treeDigest: info.treeDigest,
        folder: options.folder,
      },
      (message) => {
        if (message.type === 'planned') this.#planned(message);
        else if (message.type === 'missing') this.#missing(message.segment);
        else if (message.type === 'written') {
          this.#release(message.segment);
          this.#written(message);
        } else if (message.type === 'rejected') {
          this.#release(message.segment);
          void this.#rejected(message);
        } else if (message.type === 'finished') {
          this.finished = message;
          this.#result.resolve(message);
        } else if (message.type === 'failed') this.#fail(PeerError.fromInfo(message.error));
      },
    );
    this.#fetcher = new Fetcher({
      shareId: share.row.shareId,
      geometry: manifest.geometry,
      sources,
      signal,
      hedgeFloorMs: options.hedgeFloorMs,
      watch: options.watch,
      onSegment: (segment, pieces, from) => {
        const since = this.#asked.get(segment);
        // One that was fetched once more says nothing of the lines.
        if (since !== undefined) this.#window.came(performance.now() - since);
        this.#asked.delete(segment);
        this.#from.set(segment, from);
        this.#leases.set(segment, [...pieces.values()]);
        const bytes = [...pieces].map(([shard, piece]) => [shard, piece.bytes] as const);
        this.#thread.post({ type: 'pieces', segment, pieces: bytes });
      },
      onFailure: (error) => {
        this.#fail(error);
      },
    });
    signal.addEventListener(
      'abort',
      () => {
        this.#fail(new PeerError('cancelled', 'The download was cancelled.'));
      },
      { once: true },
    );
  }

  run(): Promise<FinishedMessage> {
    if (this.options.signal.aborted) {
      this.#fail(new PeerError('cancelled', 'The download was cancelled.'));
    }
    const { segments } = this.options.share.manifest.geometry;
    if (this.options.folder === null && !this.workplace.resume) {
      this.#order = new SegmentOrder([[0, segments]]);
    }
    this.#fetchNext();
    return this.#result.promise;
  }

  async stop(keep: boolean): Promise<void> {
    this.#fetcher.stop();
    await this.#thread.stop(keep);
  }

  /** The folder's tree was checked: its files can come. */
  #planned({ runs, kept, total }: PlannedMessage): void {
    this.#order = new SegmentOrder(runs);
    this.#kept = new Set(kept);
    this.#total = total;
    if (this.#order.length === 0 || this.#kept.size > 0) this.#thread.post({ type: 'begin' });
    this.#fetchNext();
  }

  #fetchNext(): void {
    const end = Math.min(this.#order.length, this.#head + getLimits.segmentsAhead);
    while (this.#inFlight < this.#window.size && this.#next < end) {
      const segment = this.#order.at(this.#next);
      this.#next += 1;
      if (!this.#kept.has(segment)) this.#fetch(segment);
    }
  }

  #fetch(segment: number): void {
    this.#inFlight += 1;
    this.#asked.set(segment, performance.now());
    this.#fetcher.fetch(segment);
  }

  /** It was kept, and is not what it was. */
  #missing(segment: number): void {
    this.#kept.delete(segment);
    // One that is not reached yet comes in its turn.
    if (this.#order.indexOf(segment) < this.#next) this.#fetch(segment);
  }

  #release(segment: number): void {
    for (const lease of this.#leases.get(segment) ?? []) lease.release();
    this.#leases.delete(segment);
  }

  #written({ segment, done }: WrittenMessage): void {
    if (!this.#kept.delete(segment)) this.#inFlight -= 1;
    for (const [shard, { holder }] of this.#from.get(segment) ?? []) {
      this.options.watch?.proved(holder.nodeId, shard, segment);
    }
    this.#from.delete(segment);
    this.#ahead.add(this.#order.indexOf(segment));
    while (this.#ahead.delete(this.#head)) this.#head += 1;
    const peers = this.sources.filter(({ failed, bytes }) => failed === undefined && bytes > 0);
    this.options.onProgress(done, this.#total, peers.length);
    this.#fetchNext();
  }

  /** Pieces that do not open: finds out whose, asks that holder for this one no more, and fetches the segment again. */
  async #rejected({ segment, bad, hashes }: RejectedMessage): Promise<void> {
    try {
      // Only who gave the piece is asked no more: others may hold the same shard, and hold it rightly.
      const from = this.#from.get(segment);
      const useless = new Set<Source>();
      for (const [shard, hash] of hashes) {
        const source = from?.get(shard);
        if (source?.mayHave(segment) !== true) continue;
        // Chunks that fail their own checksums tell enough; the others may be right, and need not prove it.
        if (bad.length > 0 && !bad.includes(shard)) continue;
        const proved = this.#hashes.isGenuine(source, segment, hash).then((isGenuine) => {
          if (!isGenuine) source.lied();
          return isGenuine;
        });
        // A piece that fails them is of no use, and nobody waits. Whether its holder is to blame, or its author signed it
        // like that, is found out beside.
        if (bad.length > 0 || !(await proved)) useless.add(source);
      }
      const left = [...(from?.values() ?? [])].some((source) => !source.mayHave(segment));
      if (useless.size === 0 && !left) {
        throw new PeerError('integrity', 'The pieces are those that were signed, but do not open.');
      }
      for (const source of useless) {
        this.options.logger.warn('wrong piece', source.holder.nodeId, source.shard, segment);
        this.options.watch?.wrong(source.holder.nodeId, source.shard, segment);
        this.#fetcher.distrust(source, segment);
      }
      this.#fetcher.fetch(segment);
    } catch (error) {
      this.#fail(PeerError.from(error));
    }
  }

  #fail(error: PeerError): void {
    this.#fetcher.stop();
    this.#result.reject(error);
  }
}
