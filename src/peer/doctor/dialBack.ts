import { Budget } from '../../common/budget.js';
import { PeerError } from '../../common/errors.js';
import { passing, systemTime, type Time } from '../../common/time.js';
import { formatAddress, parseAddress } from '../../net/address.js';
import type { ResponseTo } from '../../protocol/messages.js';
import { dialBackLimits } from '../limits.js';
import type { AddressBook } from '../mesh/addressBook.js';
import type { Mesh } from '../mesh/mesh.js';
import { FairSlots } from '../serve/fairSlots.js';
import { ipOf, isLocal, plainHost } from './hosts.js';

export interface DialBackOptions {
  readonly mesh: Pick<Mesh, 'get' | 'probe'>;
  readonly addressBook: Pick<AddressBook, 'get'>;
  readonly time?: Time;
}

type Result = ResponseTo<'dialBack'>['results'][number];

/** What is known of an asker. */
interface Seen {
  readonly observed: string;
  /** What it announced. */
  readonly known: ReadonlySet<string>;
  readonly ports: ReadonlySet<number | null>;
  readonly signal: AbortSignal;
}

/**
 * Dials a member back that asks whether it can be reached from here. It is the asker's own listener that is dialled, by
 * its key, and nothing else: addresses that it announced, and their ports at the host that it is seen at. An asker announces what it
 * likes, so what answers elsewhere is not told, by a word or by the time, only that it was not the asker: nobody looks
 * into the network of another one by this. Names are not dialled: who asks chooses what they mean, and when.
 */
export class DialBack {
  readonly #time: Time;
  readonly #budgets = new Map<string, Budget>();
  readonly #slots = new FairSlots(dialBackLimits.atOnce);

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
    const known = this.options.addressBook.get(asker)?.addresses ?? [];
    const seen = { observed, known: new Set(known), ports: new Set(known.map(portOf)), signal };
    const results = await Promise.all(
      withObserved(addresses, seen).map((address) => this.#try(asker, address, seen)),
    );
    return { t: 'dialledBack', observed, now: Date.now(), results };
  }

  async #try(asker: string, address: string, seen: Seen): Promise<Result> {
    const { observed, known, ports, signal } = seen;
    const host = ipOf(address);
    const isObserved = host === observed;
    // A host may be that of many, by a gateway or a tunnel. And the asker's own loopback is not this one's.
    const mayDial = isObserved
      ? ports.has(portOf(address))
      : host !== null && known.has(address) && !isLocal(host);
    if (!mayDial) return { address, outcome: 'not-tried', ms: 0 };
    return await this.#slots.use(
      asker,
      () => this.#dial(asker, address, { isObserved, signal }),
      signal,
    );
  }

  async #dial(
    asker: string,
    address: string,
    { isObserved, signal }: { readonly isObserved: boolean; readonly signal: AbortSignal },
  ): Promise<Result> {
    const started = this.#time.now();
    const outcome = await this.options.mesh.probe(address, asker, signal);
    const ms = Math.round(this.#time.now() - started);
    if (isObserved || outcome === 'reached') return { address, outcome, ms };
    // In its slot: how soon the next dial begins would tell as much.
    await passing(this.#time, dialBackLimits.untoldMs - ms, signal);
    return { address, outcome: 'failed', ms: dialBackLimits.untoldMs };
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
function withObserved(addresses: readonly string[], { observed, ports }: Seen): string[] {
  const port = addresses.map(portOf).find((one) => one !== null && ports.has(one));
  const seen = typeof port === 'number' ? [formatAddress(observed, port)] : [];
  return [...new Set([...addresses, ...seen])];
}

function portOf(address: string): number | null {
  try {
    return parseAddress(address).port;
  } catch {
    return null;
  }
}
