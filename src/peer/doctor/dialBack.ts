import { isIPv4 } from 'node:net';
import { Budget } from '../../common/budget.js';
import { PeerError } from '../../common/errors.js';
import { systemTime, type Time } from '../../common/time.js';
import { formatAddress, parseAddress } from '../../net/address.js';
import type { DialOutcome } from '../../protocol/messages/dialBack.js';
import type { ResponseTo } from '../../protocol/messages.js';
import { dialBackLimits } from '../limits.js';
import type { AddressBook } from '../mesh/addressBook.js';
import type { Mesh } from '../mesh/mesh.js';
import { Slots } from '../serve/slots.js';

export interface DialBackOptions {
  readonly mesh: Pick<Mesh, 'get' | 'probe'>;
  readonly addressBook: Pick<AddressBook, 'get'>;
  readonly time?: Time;
}

/**
 * Dials a member back that asks whether it can be reached from here. It is the asker's own listener that is dialled, by
 * its key, and nothing else: addresses that it announced, and the host that it is seen at. What answers elsewhere is not
 * told, only that it was not the asker, so that nobody looks into the network of another one by this.
 */
export class DialBack {
  readonly #time: Time;
  readonly #budgets = new Map<string, Budget>();
  readonly #slots = new Slots(dialBackLimits.atOnce);

  constructor(private readonly options: DialBackOptions) {
    this.#time = options.time ?? systemTime;
  }

  /** @throws PeerError `limit` for who asks too often, `closed` for who is not connected */
  async answer(
    asker: string,
    addresses: readonly string[],
    signal: AbortSignal,
  ): Promise<ResponseTo<'dialBack'>> {
    const observed = plainHost(this.options.mesh.get(asker)?.connection.remoteAddress ?? '');
    if (observed === '') throw new PeerError('closed', 'The asker is not connected.');
    if (!this.#budgetOf(asker).take()) {
      throw new PeerError('limit', 'This peer asks to be dialled too often.');
    }
    const known = new Set(this.options.addressBook.get(asker)?.addresses);
    const wanted = withObserved(addresses, observed);
    const results = await Promise.all(
      wanted.map(async (address) => {
        const started = performance.now();
        const outcome = await this.#dial(asker, address, { observed, known, signal });
        return { address, outcome, ms: Math.round(performance.now() - started) };
      }),
    );
    return { t: 'dialledBack', observed, now: Date.now(), results };
  }

  async #dial(
    asker: string,
    address: string,
    seen: {
      readonly observed: string;
      readonly known: ReadonlySet<string>;
      readonly signal: AbortSignal;
    },
  ): Promise<DialOutcome> {
    const host = hostOf(address);
    const isObserved = host === seen.observed;
    if (host === null || !(isObserved || seen.known.has(address))) return 'not-tried';
    // Its own loopback is not this one's.
    if (isLoopback(host) && !isLoopback(seen.observed)) return 'not-tried';
    const outcome = await this.#slots.use(
      () => this.options.mesh.probe(address, asker, seen.signal),
      seen.signal,
    );
    return isObserved || outcome === 'reached' ? outcome : 'failed';
  }

  #budgetOf(asker: string): Budget {
    let budget = this.#budgets.get(asker);
    if (budget === undefined) {
      budget = new Budget(dialBackLimits.asked, this.#time);
      this.#budgets.set(asker, budget);
    }
    return budget;
  }
}

/** The port of the asker's listener at the host that it is seen at comes on top, where it says nothing of it itself. */
function withObserved(addresses: readonly string[], observed: string): string[] {
  const ports = addresses.map(portOf).filter((port) => port !== null);
  const seen = ports[0] === undefined ? [] : [formatAddress(observed, ports[0])];
  return [...new Set([...addresses, ...seen])];
}

export function isLoopback(host: string): boolean {
  return host === '::1' || host === 'localhost' || (isIPv4(host) && host.startsWith('127.'));
}

export function hostOf(address: string): string | null {
  try {
    return plainHost(parseAddress(address).host);
  } catch {
    return null;
  }
}

function portOf(address: string): number | null {
  try {
    return parseAddress(address).port;
  } catch {
    return null;
  }
}

/** An IPv4 address as IPv4, also where the socket is one of IPv6. */
function plainHost(host: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(host);
  return mapped?.[1] ?? host;
}
