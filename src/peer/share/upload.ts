import type { Geometry } from '../../chunk/geometry.js';
import { decodeReceipt } from '../../chunk/receipt.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Holder } from '../holder.js';

/** Pieces on the way to one holder; more than one keeps the line busy while the holder writes. */
const window = 8;

export interface UploadOptions {
  readonly shareId: string;
  readonly geometry: Geometry;
  readonly random: Uint8Array;
  /** Shard s goes to holder s. */
  readonly holders: readonly Holder[];
  /** The upload goes on while at least this many holders take part. */
  readonly needed: number;
  /** Whether this member of the group signed the receipt. */
  readonly isSigned: (receipt: Uint8Array, holderId: string) => boolean;
  readonly signal: AbortSignal;
  /** A segment has reached all holders that still take part. */
  readonly onSegment: (segment: number) => void;
}

interface Lane {
  readonly holder: Holder;
  readonly shard: number;
  inFlight: number;
  queue: { readonly segment: number; readonly piece: Uint8Array; readonly done: () => void }[];
  failed: PeerError | undefined;
}

/** Brings the pieces of a share to its holders: one lane each, so that a slow one does not hold up the others' data. */
export class Upload {
  readonly #lanes: readonly Lane[];
  readonly #stopped = new AbortController();
  readonly #signal: AbortSignal;
  #failure: PeerError | undefined;
  #settled: (() => void) | undefined;

  constructor(private readonly options: UploadOptions) {
    this.#signal = AbortSignal.any([options.signal, this.#stopped.signal]);
    this.#lanes = options.holders.map((holder, shard) => ({
      holder,
      shard,
      inFlight: 0,
      queue: [],
      failed: undefined,
    }));
  }

  /** Names all holders and the geometry to each of them. @throws PeerError `too-few-peers` */
  async stage(): Promise<void> {
    const { shareId, geometry, random, holders } = this.options;
    const ids = holders.map(({ nodeId }) => nodeId);
    await this.#each((lane) =>
      lane.holder.stage(shareId, lane.shard, geometry, random, ids, this.#signal),
    );
    this.#throwIfLost();
  }

  /** Queues the pieces of one segment. `onSegment` tells when they have arrived. @throws PeerError `too-few-peers` */
  send(segment: number, pieces: readonly Uint8Array[]): void {
    this.#throwIfLost();
    const lanes = this.#active();
    let left = lanes.length;
    const done = (): void => {
      left -= 1;
      if (left === 0) this.options.onSegment(segment);
      this.#settled?.();
    };
    for (const lane of lanes) {
      const piece = pieces[pieces.length === 1 ? 0 : lane.shard];
      if (piece === undefined) throw new PeerError('internal', 'A segment lacks a piece.');
      lane.queue.push({ segment, piece, done });
      this.#pump(lane);
    }
    if (lanes.length === 0) this.options.onSegment(segment);
  }

  /**
   * Waits until all pieces are acknowledged, then asks for signed receipts and compares them. A receipt that the
   * others would refuse is none: the share would count as confirmed here, and be listed nowhere.
   */
  async seal(roots: readonly Uint8Array[]): Promise<readonly Receipt[]> {
    await this.#idle();
    this.#throwIfLost();
    const receipts: Receipt[] = [];
    await this.#each(async ({ holder, shard }) => {
      const bytes = await holder.seal(this.options.shareId, shard, this.#signal);
      const receipt = decodeReceipt(bytes);
      const root = roots[roots.length === 1 ? 0 : shard];
      if (root === undefined || receipt.shard !== shard || !equalBytes(receipt.root, root)) {
        throw new PeerError('integrity', 'A holder stored other bytes than it was sent.');
      }
      if (
        toHex(receipt.shareId) !== this.options.shareId ||
        toHex(receipt.holderId) !== holder.nodeId ||
        receipt.segments !== this.options.geometry.segments ||
        !this.options.isSigned(bytes, holder.nodeId)
      ) {
        throw new PeerError('not-trusted', 'A holder answered with a receipt that does not hold.');
      }
      receipts.push({ holder, shard, bytes });
    });
    this.#throwIfLost();
    return receipts.sort((a, b) => a.shard - b.shard);
  }

  /** Tells all holders to drop what they have; best effort, bounded by their deadlines. */
  async abort(): Promise<void> {
    this.#stopped.abort();
    await Promise.allSettled(
      this.#lanes.map(({ holder, shard }) => holder.abort(this.options.shareId, shard)),
    );
  }

  /** Tells holders that fell behind to drop what they have: the share is done without them. Best effort. */
  async dropLost(): Promise<void> {
    const lost = this.#lanes.filter((lane) => lane.failed !== undefined);
    await Promise.allSettled(
      lost.map(({ holder, shard }) => holder.abort(this.options.shareId, shard)),
    );
  }

  /** Holders that take part. */
  get active(): number {
    return this.#active().length;
  }

  get failures(): ReadonlyMap<string, PeerError> {
    const failures = new Map<string, PeerError>();
    for (const { holder, failed } of this.#lanes) if (failed) failures.set(holder.nodeId, failed);
    return failures;
  }

  #active(): Lane[] {
    return this.#lanes.filter((lane) => lane.failed === undefined);
  }

  #pump(lane: Lane): void {
    while (lane.failed === undefined && lane.inFlight < window) {
      const next = lane.queue.shift();
      if (next === undefined) return;
      lane.inFlight += 1;
      lane.holder
        .put(this.options.shareId, lane.shard, next.segment, next.piece, this.#signal)
        .catch((error: unknown) => {
          this.#lose(lane, PeerError.from(error));
        })
        .finally(() => {
          lane.inFlight -= 1;
          next.done();
          this.#pump(lane);
        });
    }
  }

  #lose(lane: Lane, error: PeerError): void {
    if (lane.failed !== undefined) return;
    lane.failed = error;
    const queue = lane.queue;
    lane.queue = [];
    for (const { done } of queue) done();
    if (this.#active().length < this.options.needed) {
      this.#failure ??= PeerError.is(error, 'cancelled')
        ? error
        : new PeerError('too-few-peers', 'Too many peers went away while the file was shared.', {
            cause: error,
            hint: 'Nothing was shared. Try again when more peers are online.',
          });
      this.#settled?.();
    }
  }

  async #each(task: (lane: Lane) => Promise<void>): Promise<void> {
    await Promise.all(
      this.#active().map(async (lane) => {
        try {
          await task(lane);
        } catch (error) {
          this.#lose(lane, PeerError.from(error));
        }
      }),
    );
  }

  #idle(): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        const busy = this.#active().some((lane) => lane.inFlight > 0 || lane.queue.length > 0);
        if (busy && this.#failure === undefined) return;
        this.#settled = undefined;
        resolve();
      };
      this.#settled = check;
      check();
    });
  }

  #throwIfLost(): void {
    if (this.options.signal.aborted) throw new PeerError('cancelled', 'The share was cancelled.');
    if (this.#failure !== undefined) throw this.#failure;
  }
}

export interface Receipt {
  readonly holder: Holder;
  readonly shard: number;
  /** Signed by the holder, wire form. */
  readonly bytes: Uint8Array;
}
