import { systemTime, type Time } from '../../common/time.js';
import { getLimits } from '../limits.js';

/**
 * How many segments are asked for at a time: enough to keep the lines busy, and few beyond that. What is under way lies in
 * memory and in the buffers of sockets, is all in vain when this process is killed, and only waits when there is more of it.
 *
 * The lines hold what comes in the time that a segment takes which does not wait for others: the quickest one tells. Twice
 * as much is asked for, so that the window grows while the rate grows with it, and stands still when it does not.
 *
 * Beside the lines, the thread that opens segments is to have one at hand whenever it is done with another. For that there
 * are some more of them as soon as they are few against what has come: a process that is killed loses them in vain.
 */
export class Window {
  #size: number = getLimits.segmentsAtFirst;
  #quickestMs = Infinity;
  #since: number;
  #came = 0;
  #cameInAll = 0;

  constructor(private readonly time: Pick<Time, 'now'> = systemTime) {
    this.#since = time.now();
  }

  /** Segments that may be under way. */
  get size(): number {
    const { segmentsAtHand, mayBeInVain } = getLimits;
    return Math.max(
      this.#size,
      Math.min(segmentsAtHand, Math.floor(this.#cameInAll * mayBeInVain)),
    );
  }

  /** A segment came, so long after it was asked for. */
  came(ms: number): void {
    this.#quickestMs = Math.min(this.#quickestMs, ms);
    this.#came += 1;
    this.#cameInAll += 1;
    const now = this.time.now();
    // Several of them, or the rate would be chance.
    if (this.#came < 2 * this.#size || now <= this.#since) return;
    const held = (this.#came / (now - this.#since)) * this.#quickestMs;
    const wanted = Math.ceil(2 * held);
    // One step at a time down: a quick one may be a stroke of luck, and what was cached before the rest.
    const next = wanted < this.#size ? this.#size - 1 : wanted;
    this.#size = Math.max(getLimits.segmentsAtFirst, Math.min(next, getLimits.segmentsInFlight));
    this.#since = now;
    this.#came = 0;
  }
}
