import type { Disposable } from '../common/disposable.js';
import { PeerError } from '../common/errors.js';
import type { Logger } from '../common/logger.js';
import type { Deletions } from './deletion/deletions.js';
import type { Reaper } from './deletion/reaper.js';
import { peerLimits } from './limits.js';
import type { Membership } from './membership/membership.js';
import type { HolderService } from './serve/holderService.js';

export interface HousekeepingOptions {
  readonly membership: Pick<Membership, 'hasGroup'>;
  readonly reaper: Reaper;
  readonly service: HolderService;
  readonly deletions: Deletions;
  readonly logger: Logger;
  /** Shards have come to be here that were only promised. */
  readonly onAdopted: () => void;
}

/** Gives back what nobody needs any more, now and then: what is deleted, uploads that ended half-way, old versions. */
export class Housekeeping implements Disposable {
  #timer: NodeJS.Timeout | undefined;
  #trimmedAt = -Infinity;
  #wasByAge = false;
  #disposed = false;

  constructor(private readonly options: HousekeepingOptions) {}

  /** Begins, and goes on from time to time. @returns when the first round is over */
  start(): Promise<void> {
    const first = this.#sweep();
    this.#timer ??= setInterval(() => {
      void this.#sweep();
    }, peerLimits.sweepMs).unref();
    return first;
  }

  /** Another version of a file of this peer's own is there (lineage, hex): the oldest may have to go. */
  trim(lineage: string): void {
    this.#trim(this.options.deletions.trim(lineage));
  }

  dispose(): void {
    this.#disposed = true;
    clearInterval(this.#timer);
  }

  async #sweep(): Promise<void> {
    const { membership, reaper, service, deletions, logger, onAdopted } = this.options;
    if (!membership.hasGroup) return;
    const failed = (error: unknown): void => {
      if (this.#disposed) return;
      logger.warn('could not look after the shards', PeerError.from(error).message);
    };
    await reaper.sweep().catch(failed);
    const adopted = await service.sweep(failed).catch(failed);
    if (adopted !== undefined && adopted > 0) onAdopted();
    const now = performance.now();
    const { isByAge } = deletions;
    const isDue = now - this.#trimmedAt >= peerLimits.trimMs || (isByAge && !this.#wasByAge);
    if (!isDue) return;
    this.#trimmedAt = now;
    this.#wasByAge = isByAge;
    this.#trim(deletions.trimAll());
  }

  #trim(trimmed: Promise<number>): void {
    const { logger } = this.options;
    trimmed.then(
      (count) => {
        if (count > 0) logger.info('old versions were deleted:', count);
      },
      (error: unknown) => {
        if (this.#disposed) return;
        logger.warn('old versions could not be deleted', PeerError.from(error).message);
      },
    );
  }
}
