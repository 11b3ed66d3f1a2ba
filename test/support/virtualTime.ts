import { toDisposable, type Disposable } from '../../src/common/disposable.js';
import type { Time } from '../../src/common/time.js';

/** Time that passes when a test says so. */
export class VirtualTime implements Time {
  #now = 1_000_000;
  readonly #timers = new Set<{ readonly at: number; readonly task: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): Disposable {
    const timer = { at: this.#now + ms, task };
    this.#timers.add(timer);
    return toDisposable(() => this.#timers.delete(timer));
  }

  /** Timers that still run. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Until the next timer, milliseconds; undefined when none runs. */
  get next(): number | undefined {
    const first = Math.min(...[...this.#timers].map(({ at }) => at));
    return Number.isFinite(first) ? first - this.#now : undefined;
  }

  /** Lets time pass: what is due is called in its order, and what that starts has its turn before time goes on. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await turn();
    for (;;) {
      const [due] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.task();
      await turn();
    }
    this.#now = end;
  }

  /** Lets time pass without a single timer, as a machine does that sleeps. */
  jump(ms: number): void {
    this.#now += ms;
  }
}

/** Lets everything run that is ready to. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise(setImmediate);
}
