import { loopbackBytes } from './meter.js';

const everyMs = 5;
/** More than acknowledgements and pings of one interval, less than one piece. */
const leastBytes = 16 << 10;

/** Tells when the last data crossed loopback: it looks at the counter a few times in ten milliseconds. */
export class LastByteWatch {
  #seen = loopbackBytes();
  #at = performance.now();
  readonly #timer = setInterval(() => {
    this.#look();
  }, everyMs);

  /** Milliseconds, on the clock of `performance.now()`, by when the last data had come; ends the watch. */
  end(): number {
    clearInterval(this.#timer);
    return this.#at;
  }

  #look(): void {
    const bytes = loopbackBytes();
    if (bytes - this.#seen >= leastBytes) this.#at = performance.now();
    this.#seen = bytes;
  }
}
