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
  /** Shard s is meant for holder s. */
  readonly holders: readonly Holder[];
  /** Who takes a shard instead, best first, where a holder does not even begin. */
  readonly spares?: readonly Holder[];
  /** The upload goes on while at least this many holders take part. */
  readonly needed: number;
  /** Whether this member of the group signed the receipt. */
  readonly isSigned: (receipt: Uint8Array, holderId: string) => boolean;
  readonly signal: AbortSignal;
  /** A segment has reached all holders that still take part. */
  readonly onSegment: (segment: number) => void;
}

interface Lane {
  holder: Holder;
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
  /** Who was asked first and does not take part. */
  readonly #passed: {
    readonly holder: Holder;
    readonly shard: number;
    readonly error: PeerError;
  }[] = [];
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

  /**
   * Names the holders and the geometry to each of them. One that refuses, or does not answer, is passed over for the next
   * spare one before a piece flows. @throws PeerError `too-few-peers`
   */
  async stage(): Promise<void> {
    const { shareId, geometry, random } = this.options;
    const spares = [...(this.options.spares ?? [])];
    await this.#each(async (lane) => {
      for (;;) {
        const ids = this.holders.map(({ nodeId }) => nodeId);
        try {
          await lane.holder.stage(shareId, lane.shard, geometry, random, ids, this.#signal);
          return;
        } catch (error) {
          const spare = this.#signal.aborted ? undefined : spares.shift();
          if (spare === undefined) throw error;
          const { holder, shard } = lane;
          this.#passed.push({ holder, shard, error: PeerError.from(error) });
          lane.holder = spare;
        }
      }
    });
    this.#throwIfLost();
  }

  /** Who has been given the shards, by shard. */
  get holders(): readonly Holder[] {
    return this.#lanes.map(({ holder }) => holder);
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
    await this.#drop([...this.#lanes, ...this.#passed]);
  }

  /** Tells holders that fell behind to drop what they have: the share is done without them. Best effort. */
  async dropLost(): Promise<void> {
    const lost = this.#lanes.filter((lane) => lane.failed !== undefined);
    // One that was passed over may have begun late.
    await this.#drop([...lost, ...this.#passed]);
  }

  /** Holders that take part. */
  get active(): number {
    return this.#active().length;
  }

  get failures(): ReadonlyMap<string, PeerError> {
    const failures = new Map(this.#passed.map(({ holder, error }) => [holder.nodeId, error]));
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
      this.#failure ??= PeerError.is(error, 'cancelled') ? error : this.#tooFew(error);
      this.#settled?.();
    }
  }

  #tooFew(cause: PeerError): PeerError {
    const full = [...this.failures.values()].some((one) => PeerError.is(one, 'quota', 'disk-full'));
    if (full) {
      return new PeerError('too-few-peers', 'Too few peers have room for this file.', {
        cause,
        hint: 'Nothing was shared. Have peers lend more room, or delete what is not needed.',
      });
    }
    return new PeerError('too-few-peers', 'Too many peers went away while the file was shared.', {
      cause,
      hint: 'Nothing was shared. Try again when more peers are online.',
    });
  }

  async #drop(lanes: readonly Pick<Lane, 'holder' | 'shard'>[]): Promise<void> {
    await Promise.allSettled(
      lanes.map(({ holder, shard }) => holder.abort(this.options.shareId, shard)),
    );
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
