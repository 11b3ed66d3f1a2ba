import type { Disposable } from '../common/disposable.js';
import { Emitter } from '../common/events.js';
import { systemTime, type Time } from '../common/time.js';
import { ownAddresses } from './ownAddresses.js';

export interface NetworkWatchOptions {
  readonly time: Time;
  /** Milliseconds since 1970, sleep included. */
  readonly wall: () => number;
  /** Of this machine, in any order. */
  readonly addresses: () => readonly string[];
}

/** What connections and addresses are to be doubted for. */
export type NetworkChange = 'other addresses' | 'woke up';

const everyMs = 5_000;
/** A timer that is later than this was not delayed by work: the machine slept, or the process was stopped. */
const lateMs = 10_000;

/**
 * Tells when this machine is on another network, or slept: by looking, since no platform tells Node. A clock that the
 * user sets forwards looks like sleep, and costs nothing but a few dials.
 */
export class NetworkWatch implements Disposable {
  readonly #changed = new Emitter<NetworkChange>();
  readonly onDidChange = this.#changed.event;
  #timer: Disposable | undefined;
  #addresses: string;
  #lookedAt: number;

  constructor(private readonly options: NetworkWatchOptions = systemNetwork) {
    this.#addresses = this.#read();
    this.#lookedAt = options.wall();
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#lookedAt = this.options.wall();
    this.#arm();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#changed.dispose();
  }

  #arm(): void {
    this.#timer = this.options.time.after(everyMs, () => {
      this.#arm();
      this.#look();
    });
  }

  #look(): void {
    const now = this.options.wall();
    const slept = now - this.#lookedAt > everyMs + lateMs;
    const addresses = this.#read();
    const isOther = addresses !== this.#addresses;
    this.#lookedAt = now;
    this.#addresses = addresses;
    if (isOther) this.#changed.fire('other addresses');
    else if (slept) this.#changed.fire('woke up');
  }

  #read(): string {
    return [...this.options.addresses()].sort().join(' ');
  }
}

const systemNetwork: NetworkWatchOptions = {
  time: systemTime,
  wall: () => Date.now(),
  addresses: () =>
    ownAddresses()
      // Virtual machines and containers come and go with link-local ones, by which nobody is reached.
      .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
      .map(({ address }) => address),
};
