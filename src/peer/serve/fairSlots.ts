import { PeerError } from '../../common/errors.js';

export interface FairSlotsSize {
  /** Tasks that run at once. */
  readonly total: number;
  /** Of these, for one owner: the rest stays free for the others. */
  readonly each: number;
}

/** Lets a bounded number of tasks run at once; those who wait have their turn owner by owner, however many one brings. */
export class FairSlots {
  readonly #running = new Map<string, number>();
  /** Owners in the order of their turns, each with its tasks in theirs. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #count = 0;

  constructor(private readonly size: FairSlotsSize) {}

  /** @throws PeerError `cancelled` when the signal aborts before the task has begun */
  async use<T>(owner: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#take(owner, signal);
    try {
      return await task();
    } finally {
      const left = (this.#running.get(owner) ?? 1) - 1;
      if (left === 0) this.#running.delete(owner);
      else this.#running.set(owner, left);
      this.#count -= 1;
      this.#next();
    }
  }

  #take(owner: string, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(cancelled());
    if (this.#mayRun(owner)) {
      this.#run(owner);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        const queue = this.#waiting.get(owner) ?? [];
        queue.splice(queue.indexOf(go), 1);
        if (queue.length === 0) this.#waiting.delete(owner);
        reject(cancelled());
      };
      signal?.addEventListener('abort', leave, { once: true });
      const queue = this.#waiting.get(owner);
      if (queue === undefined) this.#waiting.set(owner, [go]);
      else queue.push(go);
    });
  }

  #mayRun(owner: string): boolean {
    return this.#count < this.size.total && (this.#running.get(owner) ?? 0) < this.size.each;
  }

  #run(owner: string): void {
    this.#running.set(owner, (this.#running.get(owner) ?? 0) + 1);
    this.#count += 1;
  }

  /** Gives a free slot to the owner whose turn it is. */
  #next(): void {
    for (const [owner, queue] of this.#waiting) {
      if (!this.#mayRun(owner)) continue;
      const go = queue.shift();
      this.#waiting.delete(owner);
      if (queue.length > 0) this.#waiting.set(owner, queue); // behind the others
      if (go === undefined) continue;
      this.#run(owner);
      go();
      return;
    }
  }
}

function cancelled(): PeerError {
  return new PeerError('cancelled', 'The operation was cancelled.');
}
