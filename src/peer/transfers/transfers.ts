import { PeerError, type ErrorInfo } from '../../common/errors.js';
import { Emitter } from '../../common/events.js';

export type TransferKind = 'share' | 'get' | 'verify' | 'repair' | 'leave';

/** A transfer as it stands: plain data, a new object at every change. */
export interface Transfer {
  readonly transferId: string;
  readonly kind: TransferKind;
  readonly name: string;
  readonly shareId: string | null;
  readonly path: string | null;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly bytesPerSecond: number;
  readonly peers: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly error: ErrorInfo | null;
}

/** What a running transfer tells of itself. */
export interface TransferProgress {
  readonly signal: AbortSignal;
  readonly named: (facts: { readonly shareId?: string; readonly name?: string }) => void;
  readonly moved: (done: number, total: number, peers: number) => void;
}

/** Ended transfers that are remembered. */
const maxEnded = 200;
const maxRunning = 64;
const refreshMs = 250;

/** The transfers of this peer: who started them may go away meanwhile. */
export class Transfers {
  readonly #all = new Map<string, { transfer: Transfer; controller: AbortController }>();
  readonly #changed = new Emitter<Transfer>();
  /** At most four times a second for each transfer while it moves; and always the last state. */
  readonly onDidChange = this.#changed.event;

  list(): readonly Transfer[] {
    return [...this.#all.values()].map(({ transfer }) => transfer);
  }

  get running(): number {
    return this.list().filter(({ state }) => state === 'running').length;
  }

  /** Runs a task as a transfer. `outer` cancels it too: the client's request. */
  async run<T>(
    start: Pick<Transfer, 'transferId' | 'kind' | 'name' | 'path'>,
    outer: AbortSignal,
    task: (progress: TransferProgress) => Promise<T>,
  ): Promise<T> {
    if (this.#all.get(start.transferId)?.transfer.state === 'running') {
      throw new PeerError('usage', 'A transfer of this id is running.');
    }
    if (this.running >= maxRunning) {
      throw new PeerError('limit', `${maxRunning} transfers are running already.`, {
        hint: 'Wait until some of them are done.',
      });
    }
    const controller = new AbortController();
    const entry = { controller, transfer: begin(start) };
    this.#all.delete(start.transferId);
    this.#all.set(start.transferId, entry);
    this.#changed.fire(entry.transfer);
    let told = performance.now();
    const update = (facts: Partial<Transfer>): void => {
      entry.transfer = { ...entry.transfer, ...facts };
    };
    const tell = (): void => {
      told = performance.now();
      this.#changed.fire(entry.transfer);
    };
    const started = performance.now();
    try {
      const result = await task({
        signal: AbortSignal.any([controller.signal, outer]),
        named: update,
        moved: (bytesDone, bytesTotal, peers) => {
          const seconds = (performance.now() - started) / 1000;
          const bytesPerSecond = seconds > 0 ? Math.round(bytesDone / seconds) : 0;
          update({ bytesDone, bytesTotal, peers, bytesPerSecond });
          if (performance.now() - told >= refreshMs) tell();
        },
      });
      update({ state: 'done', endedAt: Date.now(), bytesDone: entry.transfer.bytesTotal });
      return result;
    } catch (error) {
      const known = PeerError.from(error);
      const state = known.code === 'cancelled' ? 'cancelled' : 'failed';
      update({ state, endedAt: Date.now(), error: known.toInfo() });
      throw known;
    } finally {
      this.#forgetOldest();
      tell();
    }
  }

  /** Resolves when none runs. */
  async ended(): Promise<void> {
    while (this.running > 0) {
      await new Promise<void>((resolve) => {
        const subscription = this.onDidChange(({ state }) => {
          if (state === 'running') return;
          subscription.dispose();
          resolve();
        });
      });
    }
  }

  cancel(transferId: string): void {
    this.#all.get(transferId)?.controller.abort();
  }

  cancelAll(): void {
    for (const { controller } of this.#all.values()) controller.abort();
  }

  clear(): void {
    for (const [id, { transfer }] of this.#all)
      if (transfer.state !== 'running') this.#all.delete(id);
  }

  #forgetOldest(): void {
    const ended = [...this.#all].filter(([, { transfer }]) => transfer.state !== 'running');
    for (const [id] of ended.slice(0, Math.max(0, ended.length - maxEnded))) this.#all.delete(id);
  }
}

function begin(start: Pick<Transfer, 'transferId' | 'kind' | 'name' | 'path'>): Transfer {
  return {
    ...start,
    shareId: null,
    state: 'running',
    bytesDone: 0,
    bytesTotal: 0,
    bytesPerSecond: 0,
    peers: 0,
    startedAt: Date.now(),
    endedAt: null,
    error: null,
  };
}
