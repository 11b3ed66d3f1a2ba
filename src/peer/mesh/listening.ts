import type { Disposable } from '../../common/disposable.js';
import { formatAddress, parseAddress } from '../../net/address.js';
import { ownAddresses } from '../../net/ownAddresses.js';
import type { Listener, OnLink, Transport } from '../../net/transport.js';
import { meshLimits } from '../limits.js';

/** Where this peer listens: at one address at a time. */
export class Listening implements Disposable {
  #listener: Listener | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly onLink: OnLink,
  ) {}

  /** @throws PeerError `in-use` when the port is taken, `usage` for a bad address. */
  async start(listen: string): Promise<string> {
    this.#listener = await this.transport.listen(parseAddress(listen), this.onLink);
    return this.#listener.address;
  }

  /** Listens elsewhere from now on, or where it did when that fails. @throws PeerError as `start` */
  async move(listen: string): Promise<string> {
    const before = this.address;
    parseAddress(listen);
    this.#listener?.dispose(); // first: it may be another host on the same port
    try {
      return await this.start(listen);
    } catch (error) {
      await this.start(before);
      throw error;
    }
  }

  /** The one that is bound; empty before the start. */
  get address(): string {
    return this.#listener?.address ?? '';
  }

  /** Addresses that others are told: the one bound, or every own one where all interfaces are bound. */
  get addresses(): readonly string[] {
    const bound = this.address;
    if (bound === '') return [];
    const { host, port } = parseAddress(bound);
    if (host !== '0.0.0.0' && host !== '::') return [bound];
    const hosts = ownAddresses()
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address);
    return [...new Set([...hosts, '127.0.0.1'])]
      .slice(0, meshLimits.addresses)
      .map((own) => formatAddress(own, port));
  }

  dispose(): void {
    this.#listener?.dispose();
  }
}
