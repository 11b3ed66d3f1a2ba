import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Time } from '../../common/time.js';
import { meshLimits } from '../limits.js';
import type { Membership } from '../membership/membership.js';
import { Slots } from '../serve/slots.js';
import type { AddressBook } from './addressBook.js';
import { Backoff } from './backoff.js';
import { Heard } from './heard.js';

export interface DialerOptions {
  readonly membership: Membership;
  readonly addressBook: AddressBook;
  readonly configured: () => readonly string[];
  readonly isOnline: (nodeId: string) => boolean;
  /** Own addresses, which are not dialled. */
  readonly own: () => readonly string[];
  /** Connects and greets; answers the node id that was met. Has deadlines of its own. */
  readonly dial: (
    address: string,
    nodeId: string | undefined,
    signal: AbortSignal,
  ) => Promise<string>;
  /** Somebody else answers at an address of a member; `owner` is the key that was proved there, if any. */
  readonly onMisled: (nodeId: string, address: string, owner: string | undefined) => void;
  readonly onDidChange: () => void;
  readonly time: Time;
  readonly random: () => number;
}

/** The last attempt to reach somebody. */
export interface Attempt {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Why it failed at the address that is most likely the right one. */
  readonly problem: PeerError | undefined;
}

interface Target {
  readonly key: string;
  /** Absent for a configured address where nobody was met yet. */
  readonly nodeId: string | undefined;
  /** Best first. */
  readonly addresses: readonly string[];
}

interface Attempts {
  readonly backoff: Backoff;
  timer: Disposable | undefined;
  running: Promise<void> | undefined;
  last: Attempt | undefined;
  connectedAt: number | undefined;
}

/**
 * Keeps trying to reach who is not connected: configured addresses first, then members by theirs. Never more dials
 * at once than there are slots, and never two of one target.
 */
export class Dialer implements Disposable {
  readonly #attempts = new Map<string, Attempts>();
  /** Whom this side met at configured addresses. */
  readonly #met = new Map<string, string>();
  readonly #heard: Heard;
  readonly #slots = new Slots(meshLimits.dials);
  readonly #stopped = new AbortController();
  #started = false;

  constructor(private readonly options: DialerOptions) {
    this.#heard = new Heard(options.time);
  }

  start(): void {
    this.#started = true;
    this.refresh();
  }

  /** Dials new targets at once; those that failed lately wait for their turn. */
  refresh(): void {
    if (!this.#started || this.#stopped.signal.aborted) return;
    for (const target of this.#targets()) {
      const attempts = this.#of(target.key);
      if (attempts.timer === undefined && attempts.running === undefined) void this.#try(target);
    }
  }

  /** What failed may work now: dials everybody who is not connected at once, and starts the waits over. */
  restart(): void {
    for (const attempts of this.#attempts.values()) {
      attempts.backoff.reset();
      this.#wait(attempts, undefined);
    }
    this.#heard.reset();
    this.refresh();
  }

  /** One attempt at every target, now. */
  async dialAll(signal?: AbortSignal): Promise<void> {
    const all = Promise.all(this.#targets().map((target) => this.#try(target)));
    if (signal === undefined) await all;
    else await Promise.race([all, aborted(signal)]);
  }

  /** A member that is not connected was heard at that address: it is tried at once, and once. */
  hint(nodeId: string, address: string): void {
    const { isOnline, own } = this.options;
    if (!this.#started || this.#stopped.signal.aborted) return;
    if (isOnline(nodeId) || own().includes(address)) return;
    if (this.#heard.add(nodeId, address)) void this.#try({ key: nodeId, nodeId, addresses: [] });
  }

  /** A member is connected, whoever dialled. */
  connected(nodeId: string): void {
    const attempts = this.#of(nodeId);
    attempts.connectedAt = this.options.time.now();
    attempts.last = undefined;
    this.#heard.forget(nodeId);
    this.#wait(attempts, undefined);
  }

  /** A member is not connected any more: it is dialled soon when the connection had lasted, or else later and later. */
  lost(nodeId: string): void {
    const attempts = this.#of(nodeId);
    const { connectedAt } = attempts;
    attempts.connectedAt = undefined;
    if (connectedAt !== undefined && this.options.time.now() - connectedAt >= meshLimits.steadyMs) {
      attempts.backoff.reset();
    }
    // An attempt that still runs looks itself, at its end, whether it got anywhere.
    if (attempts.running === undefined) this.#wait(attempts, attempts.backoff.next());
  }

  /** The last attempt at whoever is not connected. */
  lastAttempt(key: string): Attempt | undefined {
    return this.#attempts.get(key)?.last;
  }

  isConnecting(key: string): boolean {
    return this.#attempts.get(key)?.running !== undefined;
  }

  /** Configured addresses at which no member was met. */
  unmet(): readonly string[] {
    const { configured, own, addressBook } = this.options;
    const known = new Set(addressBook.entries().flatMap(({ addresses }) => addresses));
    for (const address of own()) known.add(address);
    return configured().filter((address) => !this.#met.has(address) && !known.has(address));
  }

  dispose(): void {
    this.#stopped.abort();
    for (const { timer } of this.#attempts.values()) timer?.dispose();
    this.#attempts.clear();
  }

  #targets(): Target[] {
    const { membership, addressBook, isOnline } = this.options;
    // Who is no member is let in nowhere.
    if (membership.member(membership.nodeId) === undefined) return [];
    const targets: Target[] = this.unmet().map((address) => ({
      key: address,
      nodeId: undefined,
      addresses: [address],
    }));
    const own = new Set(this.options.own());
    const configured = this.options.configured();
    for (const nodeId of membership.roster.members.keys()) {
      if (nodeId === membership.nodeId || isOnline(nodeId)) continue;
      const learned = addressBook.get(nodeId)?.addresses ?? [];
      const preferred = configured.filter(
        (address) => this.#met.get(address) === nodeId || learned.includes(address),
      );
      const addresses = [...new Set([...preferred, ...learned])].filter((one) => !own.has(one));
      if (addresses.length > 0) targets.push({ key: nodeId, nodeId, addresses });
    }
    return targets;
  }

  #of(key: string): Attempts {
    let attempts = this.#attempts.get(key);
    if (attempts === undefined) {
      attempts = {
        backoff: new Backoff(this.options.random),
        timer: undefined,
        running: undefined,
        last: undefined,
        connectedAt: undefined,
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
    const { isOnline } = this.options;
    if (target.addresses.length > 0) this.#wait(attempts, undefined);
    const at = Date.now();
    const tried = new Set<string>();
    let problem: PeerError | undefined;
    for (;;) {
      // It may have called in while its other addresses were tried.
      if (target.nodeId !== undefined && isOnline(target.nodeId)) return;
      const address = this.#next(target, tried);
      if (address === undefined || this.#stopped.signal.aborted) break;
      tried.add(address);
      try {
        const met = await this.#dial(address, target.nodeId);
        if (this.options.configured().includes(address)) this.#met.set(address, met);
        attempts.last = undefined;
        // Accepted, and gone again before anybody looked.
        if (!isOnline(met)) this.#wait(attempts, attempts.backoff.next());
        return;
      } catch (error) {
        problem ??= PeerError.from(error);
        this.#blame(target.nodeId, address, PeerError.from(error));
      }
    }
    if (this.#stopped.signal.aborted) return;
    attempts.last = { at, problem };
    // One that only looked where somebody was heard leaves the turn of the others as it is.
    if (attempts.timer === undefined) this.#wait(attempts, attempts.backoff.next());
    this.options.onDidChange();
  }

  #dial(address: string, nodeId: string | undefined): Promise<string> {
    const { signal } = this.#stopped;
    return this.#slots.use(() => this.options.dial(address, nodeId, signal), signal);
  }

  /** What was just heard comes before what is known. */
  #next({ nodeId, addresses }: Target, tried: ReadonlySet<string>): string | undefined {
    const heard = nodeId === undefined ? undefined : this.#heard.take(nodeId);
    return heard ?? addresses.find((address) => !tried.has(address));
  }

  /** Tells when it was not the member that answered, but somebody else. */
  #blame(nodeId: string | undefined, address: string, { code, details }: PeerError): void {
    if (nodeId === undefined) return;
    const another = code === 'not-trusted' && details !== undefined && 'nodeId' in details;
    if (!another && code !== 'protocol') return;
    const owner = details?.['nodeId'];
    this.#met.delete(address);
    this.options.onMisled(nodeId, address, typeof owner === 'string' ? owner : undefined);
  }

  /** Dials again after `ms`; undefined: whenever somebody looks. */
  #wait(attempts: Attempts, ms: number | undefined): void {
    attempts.timer?.dispose();
    attempts.timer = undefined;
    if (ms === undefined || this.#stopped.signal.aborted || !this.#started) return;
    attempts.timer = this.options.time.after(ms, () => {
      attempts.timer = undefined;
      this.refresh();
    });
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
