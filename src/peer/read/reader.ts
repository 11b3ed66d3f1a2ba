import { segmentsOfRange, segmentStart } from '../../chunk/geometry.js';
import { MAX_TREE_BYTES } from '../../chunk/tree.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Catalog, OpenedShare } from '../catalog/catalog.js';
import type { Blame } from '../get/blame.js';
import { BoundedMap } from '../../common/boundedMap.js';
import { PieceHashes } from '../get/pieceHashes.js';
import { sourcesOf, type Source } from '../get/sources.js';
import type { Holder } from '../holder.js';
import type { JobRuntime } from '../jobs/jobThreads.js';
import { readLimits } from '../limits.js';
import type { EntryPlace, ReadCalls, TreePage } from './messages.js';
import { readSegments } from './readSegments.js';
import { ReadThread } from './readThread.js';

/** Most bytes that one read answers. */
export const MAX_READ = readLimits.answerBytes;

export interface ReaderOptions {
  readonly catalog: Catalog;
  readonly runtime: JobRuntime;
  readonly logger: Logger;
  readonly holder: (nodeId: string) => Holder | undefined;
  readonly blame?: Blame;
  /** Tries once more to reach the holders of a share when too few of its shards can be had. */
  readonly reach: (share: OpenedShare, signal: AbortSignal) => Promise<void>;
}

export interface ReadRange {
  /** Of the file. */
  readonly size: number;
  /** May be fewer than asked for: a read ends where a segment ends. */
  readonly bytes: Uint8Array;
  /** Bytes of pieces that holders sent for it. */
  readonly fetched: number;
}

/** The end of a stream, from the segment on in which the tree starts. */
export interface Tail {
  /** Offset in the stream. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

interface OpenRead {
  readonly share: OpenedShare;
  readonly hashes: PieceHashes;
  sources: readonly Source[];
  since: number;
}

/** Reads parts of shares: only the segments touched are fetched, verified and decrypted. */
export class Reader {
  readonly #thread: ReadThread;
  readonly #shares = new BoundedMap<string, OpenRead>(readLimits.shares);
  readonly #segments = new BoundedMap<string, Uint8Array>(readLimits.segments);
  /** Encoded bytes of the trees that the thread keeps, by share. */
  readonly #trees = new Map<string, number>();
  #forget: NodeJS.Timeout | undefined;

  constructor(private readonly options: ReaderOptions) {
    this.#thread = new ReadThread(options.runtime, () => {
      this.#trees.clear();
    });
  }

  /**
   * Bytes of a file from `offset` on, at most `length` and {@link MAX_READ}. Without `entry` the share is a single file.
   *
   * @throws PeerError `not-found`, `not-a-file`, `not-enough-shards`, `integrity`, `cancelled`, `timeout`
   */
  async read(
    shareId: string,
    entry: string | null,
    { offset, length }: { readonly offset: number; readonly length: number },
    outer: AbortSignal,
  ): Promise<ReadRange> {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(readLimits.readMs)]);
    let fetched = 0;
    const onFetched = (bytes: number): void => {
      fetched += bytes;
    };
    this.#thread.warm(); // it takes longest: it starts while the share is looked up
    const open = await this.#open(shareId, signal);
    const { start, size } = await this.#place(open, entry, signal, onFetched);
    const from = start + Math.min(offset, size);
    const to = Math.min(start + size, from + Math.min(length, MAX_READ));
    const bytes = await this.#bytes(open, from, to, signal, onFetched);
    return { size, bytes, fetched };
  }

  /** One page of what is in a share, and what was checked out in git where it was shared. @throws as `read` */
  async entries(
    shareId: string,
    page: TreePage,
    outer: AbortSignal,
  ): Promise<NonNullable<ReadCalls['list']['result']>> {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(readLimits.readMs)]);
    const open = await this.#open(shareId, signal);
    return await this.#withTree(open, signal, ignored, () =>
      this.#thread.call('list', { share: shareId, ...page }),
    );
  }

  /** Where the tree lies, with what is before it in the same segment. Checked by nobody yet. @throws as `read` */
  async tail(shareId: string, signal: AbortSignal): Promise<Tail> {
    return await this.#tail(await this.#open(shareId, signal), signal, ignored);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    clearTimeout(this.#forget);
    this.#segments.clear();
    await this.#thread.close();
  }

  async #open(shareId: string, signal: AbortSignal): Promise<OpenRead> {
    const now = performance.now();
    let open = this.#shares.get(shareId);
    if (open === undefined) {
      const share = await this.options.catalog.open(shareId);
      open = { share, hashes: new PieceHashes(share), sources: [], since: -Infinity };
      this.#shares.set(shareId, open);
    }
    const stale = now - open.since > readLimits.freshMs;
    if (stale || open.sources.some(({ failed }) => failed !== undefined)) {
      const { share } = open;
      await this.options.reach(share, signal);
      const locations = await this.options.catalog.locations(shareId);
      const { holder, blame } = this.options;
      open.sources = sourcesOf({ share, locations, holder, blame });
      open.since = performance.now();
    }
    return open;
  }

  async #place(
    open: OpenRead,
    entry: string | null,
    signal: AbortSignal,
    onFetched: (bytes: number) => void,
  ): Promise<{ readonly start: number; readonly size: number }> {
    const { info, row } = open.share;
    if (info.kind === 'file' && (entry === null || entry === info.name)) {
      return { start: 0, size: info.totalSize };
    }
    if (entry === null) {
      throw new PeerError('not-a-file', `“${info.name}” is a folder.`, {
        hint: 'Name one of the files in it.',
      });
    }
    const found = await this.#withTree(open, signal, onFetched, () =>
      this.#thread.call('entry', { share: row.shareId, path: entry }),
    );
    return requireFile(found, entry);
  }

  /** Asks the thread about a tree, giving it the tree when it does not have it. */
  async #withTree<T>(
    open: OpenRead,
    signal: AbortSignal,
    onFetched: (bytes: number) => void,
    ask: () => Promise<T | null>,
  ): Promise<T> {
    const { shareId } = open.share.row;
    if (this.#trees.has(shareId)) {
      const answer = await ask();
      if (answer !== null) return answer;
    }
    const { info } = open.share;
    const { start, bytes } = await this.#tail(open, signal, onFetched);
    const tree = bytes.slice(info.treeOffset - start);
    await this.#thread.call(
      'keep',
      { share: shareId, bytes: tree, digest: info.treeDigest, total: info.totalSize },
      [tree.buffer],
    );
    // The question follows at once: no other tree comes between.
    const [known] = await Promise.all([ask(), this.#trimTrees(shareId, info.treeLength)]);
    if (known === null) throw new PeerError('internal', 'The reading thread lost a tree.');
    return known;
  }

  async #trimTrees(newest: string, size: number): Promise<void> {
    this.#trees.delete(newest);
    this.#trees.set(newest, size);
    let sum = [...this.#trees.values()].reduce((a, b) => a + b, 0);
    for (const [share, bytes] of this.#trees) {
      if ((this.#trees.size <= readLimits.trees && sum <= readLimits.treeBytes) || share === newest)
        break;
      this.#trees.delete(share);
      sum -= bytes;
      await this.#thread.call('forget', { share });
    }
  }

  async #tail(
    open: OpenRead,
    signal: AbortSignal,
    onFetched: (bytes: number) => void,
  ): Promise<Tail> {
    const { info, manifest } = open.share;
    if (info.treeLength < 1 || info.treeLength > MAX_TREE_BYTES) {
      throw new PeerError('limit', 'The share lists more files than this version takes.');
    }
    const { geometry } = manifest;
    const range = segmentsOfRange(geometry, info.treeOffset, info.size);
    const start = segmentStart(geometry, range.first);
    const bytes = new Uint8Array(info.size - start);
    for (let first = range.first; first < range.end; first += readLimits.atOnce) {
      const end = Math.min(range.end, first + readLimits.atOnce);
      const read = await this.#fetch(open, numbers(first, end), signal, onFetched);
      for (const [segment, plaintext] of read) {
        const at = segmentStart(geometry, segment) - start;
        bytes.set(plaintext.subarray(0, bytes.byteLength - at), at);
      }
    }
    return { start, bytes };
  }

  /** Bytes of the stream, of no more segments than hold {@link MAX_READ}. */
  async #bytes(
    open: OpenRead,
    from: number,
    to: number,
    signal: AbortSignal,
    onFetched: (bytes: number) => void,
  ): Promise<Uint8Array> {
    const { geometry } = open.share.manifest;
    const range = segmentsOfRange(geometry, from, to);
    const end = Math.min(range.end, range.first + Math.max(1, segmentsOfRead(open.share)));
    const until = end < range.end ? segmentStart(geometry, end) : to;
    const { shareId } = open.share.row;
    const segments = new Map<number, Uint8Array>();
    const missing: number[] = [];
    for (const segment of numbers(range.first, end)) {
      const known = this.#segments.get(`${shareId} ${segment}`);
      if (known === undefined) missing.push(segment);
      else segments.set(segment, known);
    }
    for (const [segment, plaintext] of await this.#fetch(open, missing, signal, onFetched)) {
      segments.set(segment, plaintext);
      this.#keep(`${shareId} ${segment}`, plaintext);
    }
    const bytes = new Uint8Array(until - from);
    for (const [segment, plaintext] of segments) {
      const start = segmentStart(geometry, segment);
      const part = plaintext.subarray(Math.max(0, from - start), Math.max(0, until - start));
      bytes.set(part, Math.max(0, start - from));
    }
    return bytes;
  }

  #keep(key: string, plaintext: Uint8Array): void {
    this.#segments.set(key, plaintext);
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => {
      this.#segments.clear();
    }, readLimits.forgetMs);
    this.#forget.unref();
  }

  #fetch(
    { share, sources, hashes }: OpenRead,
    segments: readonly number[],
    signal: AbortSignal,
    onFetched: (bytes: number) => void,
  ): Promise<ReadonlyMap<number, Uint8Array>> {
    const { logger } = this.options;
    const thread = this.#thread;
    return readSegments({ share, sources, hashes, thread, logger, signal, onFetched }, segments);
  }
}

/** Segments of one read: as many as hold {@link MAX_READ}, and in small segments no more than can be asked for at once. */
function segmentsOfRead({ manifest: { geometry } }: OpenedShare): number {
  if (geometry.segments === 1) return 1;
  return Math.min(readLimits.atOnce, Math.floor(MAX_READ / segmentStart(geometry, 1)));
}

function requireFile(found: EntryPlace | undefined, entry: string): EntryPlace {
  if (found === undefined) {
    throw new PeerError('not-found', `There is no “${entry}” in this share.`, {
      hint: 'See what is in it with “chunk-partitioner ls NAME”.',
    });
  }
  if (found.kind === 'file') return found;
  const message =
    found.kind === 'dir' ? `“${entry}” is a folder.` : `“${entry}” is a link to “${found.target}”.`;
  throw new PeerError('not-a-file', message, { hint: 'Name a file.' });
}

function numbers(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index);
}

function ignored(): void {
  // Nobody asked what it costs.
}
