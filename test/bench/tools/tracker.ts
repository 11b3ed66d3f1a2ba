import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bencode } from './torrent.js';

/** The few lines of a tracker that one torrent needs: it names everybody to everybody. */
export class Tracker {
  readonly #peers = new Map<number, { readonly address: string; readonly left: number }>();
  readonly #waiting = new Set<() => void>();

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      const query = new URL(request.url ?? '/', 'http://tracker').searchParams;
      const port = Number(query.get('port'));
      const address = (request.socket.remoteAddress ?? '').replace('::ffff:', '');
      if (query.get('event') === 'stopped') this.#peers.delete(port);
      else if (port > 0) this.#peers.set(port, { address, left: Number(query.get('left')) });
      const others = [...this.#peers].filter(([other]) => other !== port);
      const peers = Buffer.concat(others.map(([other, peer]) => compact(peer.address, other)));
      response.end(bencode({ interval: 1800, 'min interval': 1800, peers }));
      for (const check of this.#waiting) check();
    });
  }

  static async start(host: string): Promise<Tracker> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return new Tracker(server);
  }

  get url(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `http://${address}:${port}/announce`;
  }

  /** Waits until so many peers have said that they miss nothing. */
  seeds(count: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if ([...this.#peers.values()].filter(({ left }) => left === 0).length < count) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      signal.addEventListener('abort', () => {
        reject(new Error(`waited for ${count} seeds at the tracker`));
      });
      check();
    });
  }

  dispose(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function compact(address: string, port: number): Buffer {
  return Buffer.from([...address.split('.').map(Number), port >> 8, port & 0xff]);
}
