import { isIPv6, type Socket } from 'node:net';
import type { Disposable } from '../common/disposable.js';
import type { TransportLimits } from '../protocol/limits.js';

interface Place {
  readonly socket: Socket;
  readonly network: string;
}

/**
 * Inbound connections that are not admitted yet: few, in all and from one network. Whoever takes many places does not keep the
 * others out: where none is free, the network that has the most of them gives up its oldest.
 */
export class Strangers implements Disposable {
  /** Oldest first. */
  readonly #places = new Set<Place>();
  readonly #byNetwork = new Map<string, number>();
  /** Those in the middle of the handshake, which nobody owns yet. */
  readonly #unsecured = new Set<Socket>();

  constructor(private readonly limits: Pick<TransportLimits, 'pending' | 'pendingPerNetwork'>) {}

  /** Takes a place until the result is called or the socket closes. Undefined when none is free. */
  enter(socket: Socket): (() => void) | undefined {
    const network = networkOf(socket.remoteAddress ?? '');
    const here = this.#byNetwork.get(network) ?? 0;
    if (here >= this.limits.pendingPerNetwork) return undefined;
    if (this.#places.size >= this.limits.pending && !this.#makeRoom(here)) return undefined;
    const place: Place = { socket, network };
    this.#places.add(place);
    this.#count(network, 1);
    this.#unsecured.add(socket);
    const leave = (): void => {
      this.#unsecured.delete(socket);
      this.#giveUp(place);
    };
    socket.once('close', leave);
    return leave;
  }

  /** The handshake is complete: the connection has an owner, who closes it. */
  handOver(socket: Socket): void {
    this.#unsecured.delete(socket);
  }

  /** Cuts off whom nobody owns. */
  dispose(): void {
    for (const socket of [...this.#unsecured]) socket.destroy();
  }

  /** @returns whether somebody had more places than one who has `here`, and one more, would have */
  #makeRoom(here: number): boolean {
    const [busiest, most] = [...this.#byNetwork].reduce((a, b) => (b[1] > a[1] ? b : a));
    if (most <= here + 1) return false;
    for (const place of this.#places) {
      if (place.network !== busiest) continue;
      this.#giveUp(place);
      place.socket.destroy();
      return true;
    }
    return false;
  }

  #giveUp(place: Place): void {
    if (this.#places.delete(place)) this.#count(place.network, -1);
  }

  #count(network: string, more: number): void {
    const count = (this.#byNetwork.get(network) ?? 0) + more;
    if (count === 0) this.#byNetwork.delete(network);
    else this.#byNetwork.set(network, count);
  }
}

/** What one host can have many addresses of: the first half of an IPv6 address, or all of any other. */
function networkOf(address: string): string {
  // Of the addresses of one link, all begin alike.
  if (!isIPv6(address) || /^(?:::|fe80:)/i.test(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const first = head.split(':');
  const left = tail === '' ? [] : tail.split(':');
  const zeros = Math.max(0, 8 - first.length - left.length);
  return [...first, ...Array<string>(zeros).fill('0'), ...left].slice(0, 4).join(':');
}
