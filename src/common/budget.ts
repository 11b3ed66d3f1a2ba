import type { Time } from './time.js';

export interface BudgetSize {
  /** What may be taken at once. */
  readonly burst: number;
  /** Milliseconds after which one more may be taken. */
  readonly everyMs: number;
}

/** How often something may happen: a number of times at once, and then at a steady pace. */
export class Budget {
  #left: number;
  #at: number;

  constructor(
    private readonly size: BudgetSize,
    private readonly time: Pick<Time, 'now'>,
  ) {
    this.#left = size.burst;
    this.#at = time.now();
  }

  /** Takes one, if there is one. */
  take(): boolean {
    const { burst, everyMs } = this.size;
    const now = this.time.now();
    this.#left = Math.min(burst, this.#left + (now - this.#at) / everyMs);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
