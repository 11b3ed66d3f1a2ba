import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Membership } from '../membership/membership.js';
import type { AddressBook } from './addressBook.js';
import { Backoff } from './backoff.js';

export interface DialerOptions {
  readonly membership: Membership;
  readonly addressBook: AddressBook;
  readonly configured: () => readonly string[];
  readonly isOnline: (nodeId: string) => boolean;
  /** Own addresses are not dialled. */
  readonly isOwn: (address: string) => boolean;
  /** Connects and greets; answers the node id that was met. */
  readonly dial: (
    address: string,
    nodeId: string | undefined,
    signal: AbortSignal,
  ) => Promise<string>;
  readonly onDidChange: () => void;
}

interface Target {
  readonly key: string;
  /** Absent for a configured address where nobody was met yet. */
  readonly nodeId: string | undefined;
  readonly addresses: readonly string[];
}

interface Attempts {
  readonly backoff: Backoff;
  timer: NodeJS.Timeout | undefined;
  running: Promise<void> | undefined;
  problem: PeerError | undefined;
}

const dialMs = 5_000;
/** Whoever lets us in and hangs up at once is not dialled again sooner. */
const redialMs = 1_000;

/** Keeps trying to reach who is not connected: members by their addresses, and configured addresses. */
export class Dialer implements Disposable {
  readonly #attempts = new Map<string, Attempts>();
  readonly #met = new Map<string, string>();
  readonly #stopped = new AbortController();
  #started = false;

  constructor(private readonly options: DialerOptions) {}

  start(): void {
    this.#started = true;
    this.refresh();
  }

  /** Dials new targets at once; those that failed lately wait for their turn. */
  refresh(): void {
    if (!this.#started) return;
    for (const target of this.#targets()) {
      const attempts = this.#of(target.key);
      if (attempts.timer === undefined && attempts.running === undefined) void this.#try(target);
    }
  }

  /** One attempt at every target, now. */
  async dialAll(signal?: AbortSignal): Promise<void> {
    const all = Promise.all(this.#targets().map((target) => this.#try(target)));
    if (signal === undefined) await all;
    else await Promise.race([all, aborted(signal)]);
  }

  /** Why the last attempt failed. */
  problemOf(key: string): PeerError | undefined {
    return this.#attempts.get(key)?.problem;
  }

  isConnecting(key: string): boolean {
    return this.#attempts.get(key)?.running !== undefined;
  }

  /** Configured addresses at which no member was met. */
  unmet(): readonly string[] {
    return this.options
      .configured()
      .filter((address) => !this.#met.has(address) && !this.#isKnown(address));
  }

  dispose(): void {
    this.#stopped.abort();
    for (const { timer } of this.#attempts.values()) clearTimeout(timer);
    this.#attempts.clear();
  }

  #isKnown(address: string): boolean {
    return (
      this.options.isOwn(address) ||
      this.options.addressBook.entries().some((row) => row.addresses.includes(address))
    );
  }

  #targets(): Target[] {
    const { membership, addressBook, isOnline } = this.options;
    // Who is no member is let in nowhere.
    if (membership.member(membership.nodeId) === undefined) return [];
    const targets: Target[] = [];
    for (const nodeId of membership.roster.members.keys()) {
      if (nodeId === membership.nodeId || isOnline(nodeId)) continue;
      const addresses = addressBook.get(nodeId)?.addresses ?? [];
      if (addresses.length > 0) targets.push({ key: nodeId, nodeId, addresses });
    }
    for (const address of this.unmet()) {
      targets.push({ key: address, nodeId: undefined, addresses: [address] });
    }
    return targets;
  }

  #of(key: string): Attempts {
    let attempts = this.#attempts.get(key);
    if (attempts === undefined) {
      attempts = {
        backoff: new Backoff(),
        timer: undefined,
        running: undefined,
        problem: undefined,
      };
      this.#attempts.set(key, attempts);
    }
    return attempts;
  }

  #try(target: Target): Promise<void> {
    const attempts = this.#of(target.key);
    attempts.running ??= this.#run(target, attempts).finally(() => {
      attempts.running = undefined;
    });
    return attempts.running;
  }

  async #run(target: Target, attempts: Attempts): Promise<void> {
    clearTimeout(attempts.timer);
    attempts.timer = undefined;
    for (const address of target.addresses) {
      if (this.#stopped.signal.aborted) return;
      // It may have called in while its other addresses were tried.
      if (target.nodeId !== undefined && this.options.isOnline(target.nodeId)) return;
      try {
        const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(dialMs)]);
        const met = await this.options.dial(address, target.nodeId, signal);
        this.#met.set(address, met);
        attempts.problem = undefined;
        attempts.backoff.reset();
        this.#later(attempts, redialMs);
        return;
      } catch (error) {
        attempts.problem = PeerError.from(error);
      }
    }
    if (this.#stopped.signal.aborted || !this.#started) return;
    this.#later(attempts, attempts.backoff.next());
    this.options.onDidChange();
  }

  #later(attempts: Attempts, ms: number): void {
    if (this.#stopped.signal.aborted || !this.#started) return;
    attempts.timer = setTimeout(() => {
      attempts.timer = undefined;
      this.refresh();
    }, ms);
    attempts.timer.unref();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}
