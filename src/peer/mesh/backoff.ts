/** Waits between attempts: doubling from 1 s to 60 s, with up to a fifth of jitter so that peers do not dial in step. */
export class Backoff {
  #failures = 0;

  constructor(private readonly random: () => number = Math.random) {}

  /** Milliseconds to wait after one more failure. */
  next(): number {
    const base = Math.min(1_000 * 2 ** this.#failures, 60_000);
    this.#failures += 1;
    return Math.round(base * (0.9 + 0.2 * this.random()));
  }

  reset(): void {
    this.#failures = 0;
  }
}
