import type { Socket } from 'node:net';
import type { Disposable } from '../common/disposable.js';
import type { TransportLimits } from '../protocol/limits.js';

/** Inbound connections that are not admitted yet: few, in all and from one address. */
export class Strangers implements Disposable {
  readonly #byAddress = new Map<string, number>();
  /** Those in the middle of the handshake, which nobody owns yet. */
  readonly #unsecured = new Set<Socket>();
  #count = 0;

  constructor(private readonly limits: Pick<TransportLimits, 'pending' | 'pendingPerAddress'>) {}

  /** Takes a place until the result is called or the socket closes. Undefined when none is free. */
  enter(socket: Socket): (() => void) | undefined {
    const address = socket.remoteAddress ?? '';
    const here = this.#byAddress.get(address) ?? 0;
    if (this.#count >= this.limits.pending || here >= this.limits.pendingPerAddress) {
      return undefined;
    }
    this.#count += 1;
    this.#byAddress.set(address, here + 1);
    this.#unsecured.add(socket);
    let inside = true;
    const leave = (): void => {
      this.#unsecured.delete(socket);
      if (!inside) return;
      inside = false;
      this.#count -= 1;
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
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
}
