import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { ShardStore, StateStore } from '../../store/store.js';
import { deletionLimits } from '../limits.js';

/**
 * How long the shards of a deleted share stay, by the time that this peer was running: a peer that is away for a year
 * frees nothing at its return before it has been among others for a while.
 */
export const graceMs = 7 * 24 * 60 * 60 * 1000;

export interface ReaperOptions {
  readonly state: StateStore;
  readonly shards: ShardStore;
  /** Serves a share no more. */
  readonly hide: (shareId: string) => Promise<void>;
  readonly logger: Logger;
  /** Milliseconds, of a clock that only runs while this peer does. */
  readonly now?: () => number;
  readonly graceMs?: number;
}

/** What a holder does about deleted shares: hides them at once, and gives their space back in time. */
export class Reaper {
  #counted: number;
  #uptime = 0;
  /** One after the other: thousands of tombstones may come at once. */
  #hiding: Promise<void> = Promise.resolve();

  constructor(private readonly options: ReaperOptions) {
    this.#counted = this.#now();
  }

  /** Hides a share soon; {@link sweep} does it where this fails. */
  hide(shareId: string): void {
    this.#hiding = this.#hiding
      .then(() => this.options.hide(shareId))
      .catch((error: unknown) => {
        this.options.logger.warn('could not hide a deleted share', PeerError.from(error).message);
      });
  }

  /** Settles when what was to be hidden is. */
  async idle(): Promise<void> {
    await this.#hiding;
  }

  /** Hides what was deleted and is not hidden yet, and removes what was hidden for long enough. */
  async sweep(): Promise<void> {
    const { state, shards, hide } = this.options;
    // A full disk is no reason to free nothing.
    const uptime = await this.countUptime().catch(() => this.#uptime + this.#now() - this.#counted);
    const held = await shards.allHeld();
    const hidden = new Set(held.filter((one) => one.state === 'hidden').map((one) => one.shareId));
    const ids = [...new Set(held.map(({ shareId }) => shareId))];
    for (let at = 0; at < ids.length; at += deletionLimits.sharesAtOnce) {
      for (const [shareId, since] of await state.deletedSince(
        ids.slice(at, at + deletionLimits.sharesAtOnce),
      )) {
        if (!hidden.has(shareId)) await hide(shareId);
        if (uptime - since >= (this.options.graceMs ?? graceMs)) await shards.remove(shareId);
      }
    }
  }

  /** Adds the time since the last call. @returns the time that this peer was running, over all its runs */
  async countUptime(): Promise<number> {
    const now = this.#now();
    this.#uptime = await this.options.state.addUptime(now - this.#counted);
    // What could not be written is counted the next time.
    this.#counted = now;
    return this.#uptime;
  }

  #now(): number {
    return (this.options.now ?? (() => performance.now()))();
  }
}
