import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import { systemTime, type Time } from '../../common/time.js';
import type { Membership } from './membership.js';
import { membershipLimits } from '../limits.js';

export interface KeyKeeperOptions {
  readonly membership: Membership;
  readonly isOnline: (nodeId: string) => boolean;
  /** Resolves when the others were heard: what this peer has signed may have been lost here, and must not be signed anew. */
  readonly ready: () => Promise<void>;
  readonly logger: Logger;
  readonly time?: Time;
}

/** On an admin's peer: sees to it that the group has a key that only members know, and every member all keys. */
export class KeyKeeper implements Disposable {
  readonly #time: Time;
  #subscription: Disposable | undefined;
  #waiting: Disposable | undefined;
  #disposed = false;

  constructor(private readonly options: KeyKeeperOptions) {
    this.#time = options.time ?? systemTime;
  }

  /** Looks now, and after every change of the roster. */
  start(): void {
    this.#subscription ??= this.options.membership.onDidChange(() => {
      this.#look();
    });
    this.#look();
  }

  dispose(): void {
    this.#disposed = true;
    this.#subscription?.dispose();
    this.#waiting?.dispose();
  }

  #look(): void {
    if (!this.options.membership.needsTending) {
      this.#waiting?.dispose();
      this.#waiting = undefined;
    } else if (this.#waiting === undefined)
      this.#wait(membershipLimits.keyRestMs + membershipLimits.keyTurnMs * this.#turn());
  }

  #wait(ms: number): void {
    if (this.#disposed) return;
    this.#waiting = this.#time.after(ms, () => {
      this.#tend().catch((error: unknown) => {
        this.options.logger.warn('could not hand out keys', PeerError.from(error).message);
        this.#wait(membershipLimits.keyRetryMs);
      });
    });
  }

  async #tend(): Promise<void> {
    const { membership, ready } = this.options;
    await ready();
    const before = membership.roster.records.length;
    if (membership.needsTending) await membership.tend();
    this.#waiting = undefined;
    // As many as are made in one go may not have been all. Where none can be made, only news can help.
    if (membership.roster.records.length > before) this.#look();
  }

  /** How many admins that are there come before this one. */
  #turn(): number {
    const { membership, isOnline } = this.options;
    const { admins } = membership.roster;
    return admins.slice(0, admins.indexOf(membership.nodeId)).filter(isOnline).length;
  }
}
