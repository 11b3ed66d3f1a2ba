import type { Geometry } from '../../chunk/geometry.js';
import { decodeReceipt } from '../../chunk/receipt.js';
import { PAGE_HASHES } from '../../chunk/shardRoot.js';
import { concatBytes, equalBytes, toHex } from '../../common/bytes.js';
import { PeerError, type ErrorCode } from '../../common/errors.js';
import { systemTime, type Time } from '../../common/time.js';
import type { Holder } from '../holder.js';
import { shareLimits } from '../limits.js';
import type { PieceWatch } from '../trace/pieceWatch.js';

/** What may pass by itself: a cut connection, a holder that starts anew. */
const passing: ReadonlySet<ErrorCode> = new Set(['closed', 'unreachable']);

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
  /** Whether an earlier run has sent some of it already. */
  readonly resumes?: boolean;
  readonly time?: Time;
  readonly watch?: PieceWatch | undefined;
  /** A segment has reached all holders that still take part. */
  readonly onSegment: (segment: number) => void;
}

interface Lane {
  holder: Holder;
  readonly shard: number;
  inFlight: number;
  queue: QueuedPiece[];
  failed: PeerError | undefined;
  /** Hashes of the pieces that an earlier run has brought there, 32 bytes each, zeros where there is none. */
  has: Uint8Array | null;
  /** While its holder is given time to come back. */
  rests: boolean;
}

interface QueuedPiece {
  readonly segment: number;
  readonly piece: Uint8Array;
  readonly done: () => void;
  tries: number;
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
  readonly #time: Time;
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
      has: null,
      rests: false,
    }));
    this.#time = options.time ?? systemTime;
  }

  /**
   * Names the holders and the geometry to each of them. One that refuses, or does not answer, is passed over for the next
   * spare one before a piece flows. @throws PeerError `too-few-peers`
   */
  async stage(): Promise<void> {
    const spares = [...(this.options.spares ?? [])];
    await this.#each(async (lane) => {
      for (;;) {
        try {
          await this.#stage(lane);
          if (this.options.resumes === true) await this.#learn(lane);
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

  /**
   * Queues the pieces of one segment, but for those that are there already, by their hashes. `onSegment` tells when
   * they have arrived. @throws PeerError `too-few-peers`
   */
  send(segment: number, pieces: readonly Uint8Array[], hashes: readonly Uint8Array[]): void {
    this.#throwIfLost();
    const lanes = this.#active();
    let left = lanes.length;
    const done = (): void => {
      left -= 1;
      if (left === 0) this.options.onSegment(segment);
      this.#settled?.();
    };
    for (const lane of lanes) {
      const at = pieces.length === 1 ? 0 : lane.shard;
      const [piece, hash] = [pieces[at], hashes[at]];
      if (hash !== undefined && hasPiece(lane, segment, hash)) {
        this.options.watch?.stored(lane.holder.nodeId, lane.shard, segment);
        done();
        continue;
      }
      if (piece === undefined) throw new PeerError('internal', 'A segment lacks a piece.');
      lane.queue.push({ segment, piece, done, tries: 0 });
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
    while (lane.failed === undefined && !lane.rests && lane.inFlight < shareLimits.window) {
      const next = lane.queue.shift();
      if (next === undefined) return;
      lane.inFlight += 1;
      void this.#put(lane, next).then((isThere) => {
        lane.inFlight -= 1;
        if (isThere) next.done();
        else lane.queue.unshift(next);
        if (lane.failed !== undefined) drain(lane);
        this.#settled?.();
        this.#pump(lane);
      });
    }
  }

  /** @returns false when it has to be sent once more; true also when nobody waits for it any longer */
  async #put(lane: Lane, queued: QueuedPiece): Promise<boolean> {
    const { segment, piece } = queued;
    const { shareId, watch } = this.options;
    const { holder, shard } = lane;
    watch?.moves(holder.nodeId, shard, segment);
    try {
      await holder.put(shareId, shard, segment, piece, this.#signal);
      watch?.stored(holder.nodeId, shard, segment);
      return true;
    } catch (error) {
      watch?.rests(holder.nodeId, shard, segment);
      queued.tries += 1;
      this.#rest(lane, PeerError.from(error), queued.tries);
      return lane.failed !== undefined;
    }
  }

  /** Gives a holder time to come back; pieces that were under way together fail together. */
  #rest(lane: Lane, error: PeerError, strikes: number): void {
    if (lane.failed !== undefined) return;
    if (!passing.has(error.code) || this.#signal.aborted || strikes >= shareLimits.strikes) {
      this.#lose(lane, error);
      return;
    }
    if (lane.rests) return;
    lane.rests = true;
    this.#time.after(shareLimits.firstRestMs * 2 ** (strikes - 1), () => {
      lane.rests = false;
      if (this.#signal.aborted) this.#lose(lane, error);
      if (lane.failed !== undefined) return;
      // One that has started anew has to be told again.
      this.#stage(lane).then(
        () => {
          this.#pump(lane);
        },
        (reason: unknown) => {
          this.#rest(lane, PeerError.from(reason), strikes + 1);
        },
      );
    });
  }

  async #stage({ holder, shard }: Lane): Promise<void> {
    const { shareId, geometry, random } = this.options;
    const ids = this.holders.map(({ nodeId }) => nodeId);
    await holder.stage(shareId, shard, geometry, random, ids, this.#signal);
  }

  /** Asks what of the shard is there. */
  async #learn(lane: Lane): Promise<void> {
    const { shareId, geometry } = this.options;
    const pages: Uint8Array[] = [];
    for (let page = 0; page * PAGE_HASHES < geometry.segments; page++) {
      pages.push(await lane.holder.staged(shareId, lane.shard, page, this.#signal));
    }
    const has = concatBytes(...pages);
    lane.has = has.byteLength === 32 * geometry.segments ? has : null;
  }

  #lose(lane: Lane, error: PeerError): void {
    if (lane.failed !== undefined) return;
    lane.failed = error;
    drain(lane);
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

/** Nobody waits for what was to go there. */
function drain(lane: Lane): void {
  for (const { done } of lane.queue.splice(0)) done();
}

function hasPiece({ has }: Lane, segment: number, hash: Uint8Array): boolean {
  return has !== null && equalBytes(has.subarray(32 * segment, 32 * segment + 32), hash);
}

export interface Receipt {
  readonly holder: Holder;
  readonly shard: number;
  /** Signed by the holder, wire form. */
  readonly bytes: Uint8Array;
}
