import { setTimeout as delay } from 'node:timers/promises';
import { PeerError } from '../../common/errors.js';
import { repairLimits } from '../limits.js';

/** Holds back work that nobody waits for. */
export interface Pace {
  /** Resolves when so many bytes may be moved. @throws PeerError `cancelled` */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

/** So many bytes a second, and none while this peer is busy with what people wait for. */
export class SteadyPace implements Pace {
  /** When the next bytes are due, by `performance.now()`. */
  #due = 0;

  constructor(
    private readonly bytesPerSecond: () => number,
    private readonly isBusy: () => boolean,
  ) {}

  async take(bytes: number, signal: AbortSignal): Promise<void> {
    try {
      while (this.isBusy())
        await delay(repairLimits.transfersEveryMs, undefined, { signal, ref: false });
      const now = performance.now();
      const start = Math.max(now, this.#due);
      this.#due = start + (bytes / this.bytesPerSecond()) * 1000;
      if (start > now) await delay(start - now, undefined, { signal, ref: false });
    } catch (cause) {
      throw new PeerError('cancelled', 'The repair was cancelled.', { cause });
    }
  }
}
