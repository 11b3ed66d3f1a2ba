import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { Budget } from '../common/budget.js';
import { PeerError } from '../common/errors.js';
import type { Time } from '../common/time.js';
import { discoveryLimits } from '../protocol/limits.js';
import { ownAddresses, type OwnAddress } from './ownAddresses.js';
import { ownNetworks } from './ownNetworks.js';

export interface LanSocketOptions {
  /** Multicast group and port. */
  readonly group: string;
  readonly port: number;
  /** The own address to use; absent: one of each interface. */
  readonly host?: string;
  /** Only datagrams that contain this are handed over. */
  readonly marker: Buffer;
  readonly time: Time;
  /** Something could not be sent, received or read. It goes on. */
  readonly onError: (error: unknown) => void;
}

const headerBytes = 12;
/** Of mDNS: a router that passes such packets on would change it. */
const hops = 255;

/**
 * A multicast socket that hands on what may be read and nothing else: of the networks that this machine is on, small,
 * with few records, and not too often. It sends on each interface in turn, and not too often either. Has the part of
 * a `dgram.Socket` that `multicast-dns` needs, for which it stands.
 */
export class LanSocket extends EventEmitter {
  readonly #received: Budget;
  readonly #sent: Budget;
  readonly #joined = new Set<string>();
  #problem: Error | undefined;
  #near = ownNetworks([]);
  #sending = Promise.resolve();
  #closing = false;

  private constructor(
    private readonly socket: Socket,
    private readonly options: LanSocketOptions,
  ) {
    super();
    this.#received = new Budget(discoveryLimits.packets, options.time);
    this.#sent = new Budget(discoveryLimits.answers, options.time);
    socket.on('message', (message, from) => {
      this.#receive(message, from);
    });
    socket.on('error', options.onError);
  }

  /** @throws what the system says: the port is taken, or there is no multicast */
  static async open(options: LanSocketOptions): Promise<LanSocket> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    try {
      socket.bind(options.port);
      await once(socket, 'listening');
      socket.setMulticastTTL(hops);
      socket.setMulticastLoopback(true); // another peer may be on this machine
      const opened = new LanSocket(socket, options);
      opened.#join();
      if (opened.#joined.size === 0) throw opened.#problem ?? noNetwork();
      return opened;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** As `dgram.Socket` has it, on all interfaces; does not call back. What exceeds the budget is dropped. */
  send(message: Uint8Array, offset: number, length: number, port: number, address: string): void {
    if (this.#closing || !this.#sent.take()) return;
    const bytes = message.subarray(offset, offset + length);
    this.#join();
    for (const host of this.#joined) {
      this.#sending = this.#sending
        .then(() => this.#sendAt(host, bytes, port, address))
        .catch(this.options.onError);
    }
  }

  /** Sends what was written before. Idempotent. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    void this.#sending.then(() => this.socket.close());
  }

  async #sendAt(host: string, bytes: Uint8Array, port: number, address: string): Promise<void> {
    try {
      this.socket.setMulticastInterface(host);
    } catch (error) {
      this.#joined.delete(host); // the interface is gone
      throw error;
    }
    await new Promise<void>((resolve, reject) => {
      this.socket.send(bytes, port, address, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  #receive(message: Buffer, from: RemoteInfo): void {
    if (this.#closing || !isModest(message) || !message.includes(this.options.marker)) return;
    if (!this.#near.check(from.address) || !this.#received.take()) return;
    try {
      this.emit('message', message, from);
    } catch (error) {
      this.options.onError(error);
    }
  }

  /** Takes part on interfaces that are new, and notes which networks are near. */
  #join(): void {
    const own = ownAddresses().filter(({ family }) => family === 'IPv4');
    const { host, group } = this.options;
    for (const address of host === undefined ? oneOfEach(own) : [host]) {
      if (this.#joined.has(address)) continue;
      try {
        this.socket.addMembership(group, address);
      } catch (error) {
        const problem = error as NodeJS.ErrnoException;
        this.#problem = problem;
        if (problem.code !== 'EADDRINUSE') continue; // of one that takes part already
      }
      this.#joined.add(address);
    }
    this.#near = ownNetworks(own);
  }
}

function noNetwork(): PeerError {
  return new PeerError('unreachable', 'This machine is on no network.');
}

/** The first address of each interface; the loopback only where there is nothing else. */
function oneOfEach(own: readonly OwnAddress[]): readonly string[] {
  const outer = own.filter(({ internal }) => !internal);
  const first = new Map<string, string>();
  for (const { interfaceName, address } of outer.length > 0 ? outer : own) {
    if (!first.has(interfaceName)) first.set(interfaceName, address);
  }
  return [...first.values()];
}

/** Whether a packet of DNS is small, and has few records by its own words: to read many takes long. */
function isModest(message: Buffer): boolean {
  const { byteLength } = message;
  if (byteLength < headerBytes || byteLength > discoveryLimits.packetBytes) return false;
  const counts = [4, 6, 8, 10].map((at) => message.readUInt16BE(at));
  return counts.reduce((sum, count) => sum + count) <= discoveryLimits.records;
}
