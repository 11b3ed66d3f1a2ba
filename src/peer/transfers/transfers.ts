import { PeerError, type ErrorCode } from '../../common/errors.js';
import { Emitter, type Event } from '../../common/events.js';
import { systemTime, type Time } from '../../common/time.js';
import { transferLimits } from '../limits.js';
import {
  newTransfer,
  type Keeping,
  type ResumableTask,
  type Transfer,
  type TransferProgress,
  type TransferStart,
} from './transfer.js';

interface Entry {
  transfer: Transfer;
  readonly cancelled: AbortController;
  /** Ends the attempt that runs, and what it waits for. */
  interrupted: AbortController;
  readonly keeping: Keeping | undefined;
  isPaused: boolean;
  /** Somebody else goes on with what it has. */
  isHandedOver: boolean;
  /** Bytes that it has come to, in whichever attempt. */
  farthest: number;
  /** When it last came farther, by the clock that only moves forwards. */
  movedAt: number;
  started: { readonly at: number; readonly bytes: number };
}

export interface TransfersOptions {
  /** Fires when a transfer that waits for peers may find them. */
  readonly onPeers?: Event<unknown>;
  readonly time?: Time;
}

/** What may pass when peers come back: these, and what is too few because of them. */
const ofConnections: ReadonlySet<ErrorCode> = new Set(['closed', 'timeout', 'unreachable']);
const tooFew: ReadonlySet<ErrorCode> = new Set(['too-few-peers', 'not-enough-shards']);

/** Peers that are full, or refuse, do not change their mind by waiting. */
function mayPass({ code, cause }: PeerError): boolean {
  if (!tooFew.has(code)) return ofConnections.has(code);
  return !PeerError.is(cause) || ofConnections.has(cause.code);
}

const isActive = ({ state }: Transfer): boolean => state === 'running' || state === 'waiting';

/** The transfers of this peer: who started them may go away meanwhile. */
export class Transfers {
  readonly #all = new Map<string, Entry>();
  readonly #changed = new Emitter<Transfer>();
  readonly #time: Time;
  #suspended = false;
  /** At most four times a second for each transfer while it moves; and always the last state. */
  readonly onDidChange = this.#changed.event;

  constructor(private readonly options: TransfersOptions = {}) {
    this.#time = options.time ?? systemTime;
  }

  list(): readonly Transfer[] {
    return [...this.#all.values()].map(({ transfer }) => transfer);
  }

  /** Those that will go on by themselves. */
  get running(): number {
    return this.list().filter(isActive).length;
  }

  /** Those that move bytes now. */
  get moving(): number {
    return this.list().filter(({ state }) => state === 'running').length;
  }

  /**
   * Runs a task as a transfer. `outer` cancels it too: the client's request. With `keeping`, the task is run again, to go
   * on where it was, after a pause, and when peers are back that it lacked.
   */
  async run<T>(
    start: TransferStart,
    outer: AbortSignal,
    task: (progress: TransferProgress) => Promise<T>,
    keeping?: Keeping,
  ): Promise<T> {
    const known = this.#all.get(start.transferId)?.transfer;
    if (known !== undefined && (isActive(known) || known.state === 'paused')) {
      throw new PeerError('usage', 'A transfer of this id is running.');
    }
    const isPaused = keeping?.task.task.paused === true;
    if (!isPaused && this.running >= transferLimits.running) {
      throw new PeerError('limit', `${transferLimits.running} transfers are running already.`, {
        hint: 'Wait until some of them are done.',
      });
    }
    const entry = this.#begin(start, keeping, isPaused);
    const gone = AbortSignal.any([entry.cancelled.signal, outer]);
    try {
      if (isPaused) await this.#whilePaused(entry, gone); // else it begins at once
      const result = await this.#attempts(entry, gone, task);
      this.#update(entry, {
        ...{ state: 'done', endedAt: Date.now(), bytesDone: entry.transfer.bytesTotal },
      });
      // A crash before it is forgotten is noticed by who goes on: all is there already.
      keeping?.task.drop().catch(() => undefined);
      return result;
    } catch (error) {
      throw await this.#ended(entry, PeerError.from(error), gone);
    } finally {
      this.#forgetOldest();
      this.#tell(entry);
    }
  }

  /** Resolves when none runs. */
  async ended(): Promise<void> {
    while (this.running > 0) await this.#nextChange();
  }

  /** Gives it up: one that runs ends, of one that could be gone on with everything is undone. */
  cancel(transferId: string): void {
    const entry = this.#all.get(transferId);
    if (entry === undefined) return;
    entry.cancelled.abort();
    if (!entry.transfer.resumable || entry.transfer.state !== 'failed') return;
    this.#update(entry, { state: 'cancelled', resumable: false });
    this.#tell(entry);
    entry.keeping?.discard().catch(() => undefined);
  }

  /** @throws PeerError `not-found`, `usage` for one that cannot be stopped half-way */
  async pause(transferId: string): Promise<void> {
    const entry = this.#require(transferId);
    if (entry.transfer.state === 'paused') return;
    if (entry.keeping === undefined || !isActive(entry.transfer)) {
      throw new PeerError('usage', 'This transfer cannot be paused.', {
        hint: 'Files can be while they are shared or fetched.',
      });
    }
    entry.isPaused = true;
    await entry.keeping.task.setPaused(true);
    entry.interrupted.abort();
  }

  /**
   * Lets one that is paused go on. One that failed has to be run again by the caller.
   *
   * @returns what is kept of it then; null when it goes on, or runs. @throws PeerError `not-found`, `usage`
   */
  async resume(transferId: string): Promise<ResumableTask | null> {
    const entry = this.#require(transferId);
    const { keeping, transfer } = entry;
    if (isActive(transfer)) return null;
    if (keeping === undefined || !transfer.resumable) {
      throw new PeerError('usage', 'There is nothing left of this transfer to go on with.', {
        hint: 'Start it again.',
      });
    }
    if (transfer.state === 'failed') return keeping.task;
    await keeping.task.setPaused(false);
    entry.isPaused = false;
    entry.interrupted.abort();
    return null;
  }

  /**
   * Ends a transfer whose answer nobody waits for, if there is one of which this is true, for somebody who goes on with
   * what is kept of it. It is forgotten here.
   */
  async handOver(isWanted: (task: ResumableTask) => boolean): Promise<ResumableTask | null> {
    for (const [id, entry] of this.#all) {
      const { keeping, transfer } = entry;
      if (keeping === undefined || !isWanted(keeping.task)) continue;
      const isIdle = transfer.state === 'failed' && transfer.resumable;
      if (!isIdle && (transfer.endedAt !== null || !keeping.isUnattended)) continue;
      entry.isHandedOver = true;
      entry.interrupted.abort();
      while (entry.transfer.endedAt === null) await this.#nextChange();
      if (!entry.transfer.resumable) return null; // it came to its end
      this.#all.delete(id);
      return keeping.task;
    }
    return null;
  }

  /** The peer ends: what can go on does so in its next run, everything else is cancelled. */
  suspend(): void {
    this.#suspended = true;
    for (const { keeping, cancelled, interrupted } of this.#all.values()) {
      (keeping === undefined ? cancelled : interrupted).abort();
    }
  }

  /** Forgets those that are at their end. */
  clear(): void {
    for (const [id, { transfer }] of this.#all) {
      if (transfer.endedAt !== null && !transfer.resumable) this.#all.delete(id);
    }
  }

  async #attempts<T>(
    entry: Entry,
    gone: AbortSignal,
    task: (progress: TransferProgress) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      entry.interrupted = new AbortController();
      entry.started = { at: performance.now(), bytes: entry.transfer.bytesDone };
      entry.keeping?.task.begin();
      try {
        return await task({
          signal: AbortSignal.any([gone, entry.interrupted.signal]),
          named: (facts) => {
            this.#update(entry, facts);
          },
          moved: this.#mover(entry),
          goesOn: (error) => !gone.aborted && this.#goesOn(entry, PeerError.from(error)),
        });
      } catch (error) {
        const known = PeerError.from(error);
        if (gone.aborted || !this.#goesOn(entry, known)) throw known;
        await this.#untilItMayGoOn(entry, gone, known);
      }
    }
  }

  #goesOn(entry: Entry, error: PeerError): boolean {
    const { keeping, isPaused, isHandedOver, interrupted, farthest } = entry;
    if (keeping === undefined) return false;
    if (this.#suspended || isPaused || isHandedOver || interrupted.signal.aborted) return true;
    return mayPass(error) && (farthest > 0 || keeping.task.draft !== null);
  }

  async #untilItMayGoOn(entry: Entry, gone: AbortSignal, error: PeerError): Promise<void> {
    this.#throwIfLeft(entry, error);
    if (entry.isPaused) {
      await this.#whilePaused(entry, gone);
      return;
    }
    if (entry.interrupted.signal.aborted) return; // paused, and resumed before it had stopped
    if (this.#time.now() - entry.movedAt >= transferLimits.patienceMs) throw error;
    this.#update(entry, { state: 'waiting', bytesPerSecond: 0, error: error.toInfo() });
    this.#tell(entry);
    await this.#peersOr(transferLimits.lookAgainMs, entry, gone);
    this.#throwIfLeft(entry, error);
    await this.#whilePaused(entry, gone);
    this.#update(entry, { state: 'running', error: null });
    this.#tell(entry);
  }

  /** Resolves when peers may have come, after a while, or when something else is wanted of the transfer. */
  async #peersOr(ms: number, entry: Entry, gone: AbortSignal): Promise<void> {
    entry.interrupted = new AbortController();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => {
      resolve(undefined);
    };
    const waits = [this.#time.after(ms, wake)];
    // Not at once: several come together, and one alone may not be enough.
    const peers = this.options.onPeers?.(() => {
      waits.push(this.#time.after(transferLimits.gatherMs, wake));
    });
    const ends = AbortSignal.any([gone, entry.interrupted.signal]);
    ends.addEventListener('abort', wake, { once: true });
    await promise;
    peers?.dispose();
    for (const wait of waits) wait.dispose();
    if (gone.aborted) throw new PeerError('cancelled', 'The transfer was cancelled.');
  }

  async #whilePaused(entry: Entry, gone: AbortSignal): Promise<void> {
    if (!entry.isPaused) return;
    this.#update(entry, { state: 'paused', resumable: true, bytesPerSecond: 0, error: null });
    this.#tell(entry);
    do {
      entry.interrupted = new AbortController();
      const ends = AbortSignal.any([gone, entry.interrupted.signal]);
      await new Promise<void>((resolve) => {
        const end = (): void => {
          resolve();
        };
        if (ends.aborted) end();
        ends.addEventListener('abort', end, { once: true });
      });
      if (gone.aborted) throw new PeerError('cancelled', 'The transfer was cancelled.');
      this.#throwIfLeft(entry);
    } while (this.#isPaused(entry));
    entry.movedAt = this.#time.now();
    this.#update(entry, { state: 'running', resumable: false });
    this.#tell(entry);
  }

  #isPaused({ isPaused }: Entry): boolean {
    return isPaused;
  }

  /** The peer ends, or somebody else goes on. */
  #throwIfLeft({ isHandedOver }: Entry, cause?: PeerError): void {
    if (!this.#suspended && !isHandedOver) return;
    throw new PeerError('closed', 'The peer ended before the transfer did.', {
      hint: 'It goes on when the peer runs again.',
      cause,
    });
  }

  async #nextChange(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const subscription = this.onDidChange(() => {
      resolve(undefined);
    });
    await promise;
    subscription.dispose();
  }

  /** What a failed transfer leaves: everything to go on with, or nothing. @returns why it failed */
  async #ended(entry: Entry, error: PeerError, gone: AbortSignal): Promise<PeerError> {
    const resumable = !gone.aborted && this.#goesOn(entry, error);
    if (!resumable) await entry.keeping?.discard().catch(() => undefined);
    // What is taken for a secret waits for a word of the user: nothing went wrong.
    const isWithheld = error.code === 'cancelled' || error.code === 'secrets';
    const state = gone.aborted || isWithheld ? 'cancelled' : 'failed';
    this.#update(entry, { state, resumable, endedAt: Date.now(), error: error.toInfo() });
    return error;
  }

  #mover(entry: Entry): TransferProgress['moved'] {
    let told = performance.now();
    return (bytesDone, bytesTotal, peers) => {
      const { at, bytes } = entry.started;
      const seconds = (performance.now() - at) / 1000;
      const bytesPerSecond = Math.max(
        0,
        seconds > 0 ? Math.round((bytesDone - bytes) / seconds) : 0,
      );
      if (bytesDone > entry.farthest) {
        entry.farthest = bytesDone;
        entry.movedAt = this.#time.now();
      }
      this.#update(entry, { bytesDone, bytesTotal, peers, bytesPerSecond });
      if (performance.now() - told < transferLimits.refreshMs) return;
      told = performance.now();
      this.#tell(entry);
    };
  }

  #begin(start: TransferStart, keeping: Keeping | undefined, isPaused: boolean): Entry {
    const entry: Entry = {
      transfer: newTransfer(start),
      cancelled: new AbortController(),
      interrupted: new AbortController(),
      keeping,
      isPaused,
      isHandedOver: false,
      farthest: 0,
      movedAt: this.#time.now(),
      started: { at: performance.now(), bytes: 0 },
    };
    this.#all.delete(start.transferId);
    this.#all.set(start.transferId, entry);
    this.#tell(entry);
    return entry;
  }

  #require(transferId: string): Entry {
    const entry = this.#all.get(transferId);
    if (entry === undefined) throw new PeerError('not-found', 'There is no such transfer.');
    return entry;
  }

  #update(entry: Entry, facts: Partial<Transfer>): void {
    entry.transfer = { ...entry.transfer, ...facts };
  }

  #tell({ transfer }: Entry): void {
    this.#changed.fire(transfer);
  }

  #forgetOldest(): void {
    const ended = [...this.#all].filter(
      ([, { transfer }]) => transfer.endedAt !== null && !transfer.resumable,
    );
    const excess = Math.max(0, ended.length - transferLimits.ended);
    for (const [id] of ended.slice(0, excess)) this.#all.delete(id);
  }
}
