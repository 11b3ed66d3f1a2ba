import { meshLimits } from '../limits.js';

const { backoffFirstMs, backoffLastMs, backoffLeastMs } = meshLimits;

/**
 * Waits between attempts: anything up to a ceiling that doubles from 1 s to 60 s, so that peers that lost each other
 * at the same moment do not dial in step.
 */
export class Backoff {
  #failures = 0;

  constructor(private readonly random: () => number) {}

  /** Milliseconds to wait after one more failure. */
  next(): number {
    const ceiling = Math.min(backoffFirstMs * 2 ** this.#failures, backoffLastMs);
    this.#failures += 1;
    return Math.round(backoffLeastMs + (ceiling - backoffLeastMs) * this.random());
  }

  reset(): void {
    this.#failures = 0;
  }
}
