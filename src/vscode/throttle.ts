import type { Disposable } from '../common/disposable.js';

/**
 * Runs a function at most once an interval, however often it is asked for: at once when it has been
 * quiet, and once more at the end when it was asked for in between.
 */
export class Throttle implements Disposable {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again = false;
  #disposed = false;

  /** @param interval milliseconds */
  constructor(
    private readonly run: () => void,
    private readonly interval = 250,
  ) {}

  request(): void {
    if (this.#disposed) return;
    if (this.#timer !== undefined) {
      this.#again = true;
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.request();
    }, this.interval);
    this.run();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }
}
