import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Membership } from './membership.js';

/** Whoever removes somebody makes the new key in the same breath: only what is missing still is to be made up for. */
const restMs = 2_000;
/** Admins act one after the other, the most senior first, so that seldom two do the same. */
const turnMs = 3_000;
const retryMs = 60_000;

/** On an admin's peer: sees to it that the group has a key that only members know, and every member all keys. */
export class KeyKeeper implements Disposable {
  #subscription: Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(
    private readonly membership: Membership,
    private readonly isOnline: (nodeId: string) => boolean,
    private readonly logger: Logger,
  ) {}

  /** Looks now, and after every change of the roster. */
  start(): void {
    this.#subscription ??= this.membership.onDidChange(() => {
      this.#look();
    });
    this.#look();
  }

  dispose(): void {
    this.#disposed = true;
    this.#subscription?.dispose();
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (this.#disposed) return;
    if (!this.membership.needsTending) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (this.#timer === undefined) this.#wait(restMs + turnMs * this.#turn());
  }

  #wait(ms: number): void {
    if (this.#disposed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#tend().catch((error: unknown) => {
        this.logger.warn('could not hand out keys', PeerError.from(error).message);
        this.#wait(retryMs);
      });
    }, ms).unref();
  }

  async #tend(): Promise<void> {
    const { records } = this.membership.roster;
    if (this.membership.needsTending) await this.membership.tend();
    this.#timer = undefined;
    // As many as are made in one go may not have been all. Where none can be made, only news can help.
    if (this.membership.roster.records.length > records.length) this.#look();
  }

  /** How many admins that are there come before this one. */
  #turn(): number {
    const { nodeId, roster } = this.membership;
    const { admins } = roster;
    return admins.slice(0, admins.indexOf(nodeId)).filter((admin) => this.isOnline(admin)).length;
  }
}
