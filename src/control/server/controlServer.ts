import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import { Emitter } from '../../common/events.js';
import type { Logger } from '../../common/logger.js';
import {
  contractVersions,
  type ControlEventName,
  type ControlEvents,
  type ControlMethod,
} from '../contract.js';
import { endpointPath, proofOf, removeEndpoint, sameProof, writeEndpoint } from '../endpoint.js';
import {
  helloMethod,
  helloParams,
  messageChannel,
  proveMethod,
  proveParams,
  toResponseError,
} from '../wire.js';
import { channelLimits } from '../limits.js';

/** What the peer process answers; parameters come unchecked. */
export interface ControlService {
  handle(method: ControlMethod, params: unknown, signal: AbortSignal): Promise<unknown>;
}

export interface ControlServerOptions {
  readonly dataDir: string;
  readonly version: string;
  readonly methods: readonly ControlMethod[];
  readonly service: ControlService;
  readonly logger: Logger;
}

/** The peer's end of the control channel: a Unix socket or named pipe that only this user can use. */
export class ControlServer implements Disposable {
  readonly #clients = new Set<MessageConnection>();
  readonly #sockets = new Set<Socket>();
  readonly #changed = new Emitter<number>();
  /** Fires with the number of attached clients. */
  readonly onDidChangeClients = this.#changed.event;
  readonly #secret = randomBytes(32).toString('hex');
  readonly #server: Server;

  private constructor(private readonly options: ControlServerOptions) {
    this.#server = createServer((socket) => {
      this.#accept(socket);
    });
    this.#server.maxConnections = channelLimits.clients;
  }

  /** Starts to listen. The data directory's lock must be held: what lies at the path is a dead peer's. */
  static async start(options: ControlServerOptions): Promise<ControlServer> {
    const server = new ControlServer(options);
    const endpoint = endpointPath(options.dataDir);
    if (process.platform !== 'win32') rmSync(endpoint, { force: true });
    // Before it listens: with the secret of a dead peer, a client would take this one for an impostor.
    writeEndpoint(options.dataDir, { endpoint, pid: process.pid, secret: server.#secret });
    try {
      await new Promise<void>((resolve, reject) => {
        server.#server.once('error', reject);
        server.#server.listen(endpoint, () => {
          resolve();
        });
      });
    } catch (error) {
      removeEndpoint(options.dataDir, process.pid);
      throw PeerError.from(error);
    }
    if (process.platform !== 'win32') chmodSync(endpoint, 0o600);
    return server;
  }

  get clients(): number {
    return this.#clients.size;
  }

  broadcast<E extends ControlEventName>(event: E, value: ControlEvents[E]): void {
    for (const client of this.#clients) {
      client.sendNotification(event, value).catch(() => undefined); // it is closing
    }
  }

  /** Can not be found any more; clients that are attached stay. Idempotent. */
  retire(): void {
    removeEndpoint(this.options.dataDir, process.pid);
    this.#server.close();
  }

  dispose(): void {
    this.retire();
    for (const client of this.#clients) client.dispose();
    for (const socket of this.#sockets) socket.destroySoon();
    this.#clients.clear();
    this.#changed.dispose();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const rpc = messageChannel(socket);
    const timer = setTimeout(() => socket.destroy(), channelLimits.greetingMs);
    let expected: string | undefined;
    let trusted = false;
    let ended = false;
    const onData = (): void => {
      if (socket.bytesRead > channelLimits.greetingBytes) socket.destroy();
    };
    socket.on('data', onData);

    rpc.onRequest(helloMethod, (params: unknown) => {
      const parsed = helloParams.safeParse(params);
      if (!parsed.success) return toResponseError(new PeerError('protocol', 'Malformed greeting.'));
      const version = Math.min(parsed.data.max, contractVersions.max);
      if (version < Math.max(parsed.data.min, contractVersions.min)) {
        return toResponseError(
          new PeerError(
            'unsupported',
            'The running peer and this program are too far apart in age.',
            {
              hint: 'Update both, then restart the peer.',
            },
          ),
        );
      }
      const nonce = randomBytes(16).toString('hex');
      expected = proofOf('client', this.#secret, parsed.data.nonce, nonce);
      return {
        nonce,
        proof: proofOf('server', this.#secret, parsed.data.nonce, nonce),
        version,
        peerVersion: this.options.version,
      };
    });
    rpc.onRequest(proveMethod, (params: unknown) => {
      const parsed = proveParams.safeParse(params);
      // What a client sent just before it left is still read: it is none any more.
      if (
        ended ||
        !parsed.success ||
        expected === undefined ||
        !sameProof(parsed.data.proof, expected)
      ) {
        setImmediate(() => socket.destroy());
        return toResponseError(new PeerError('not-trusted', 'Refused.'));
      }
      clearTimeout(timer);
      socket.off('data', onData);
      trusted = true;
      this.#clients.add(rpc);
      this.#changed.fire(this.#clients.size);
      return null;
    });
    for (const method of this.options.methods) {
      rpc.onRequest(method, async (params: unknown, token: CancellationToken) => {
        if (!trusted) return toResponseError(new PeerError('not-trusted', 'Refused.'));
        return await this.#answer(method, params, token);
      });
    }
    rpc.onError(() => undefined);
    const end = (): void => {
      ended = true;
      clearTimeout(timer);
      this.#sockets.delete(socket);
      if (this.#clients.delete(rpc)) this.#changed.fire(this.#clients.size);
    };
    rpc.onClose(end);
    socket.on('close', end);
    socket.on('error', () => socket.destroy());
    rpc.listen();
  }

  async #answer(
    method: ControlMethod,
    params: unknown,
    token: CancellationToken,
  ): Promise<unknown> {
    const controller = new AbortController();
    const subscription = token.onCancellationRequested(() => {
      controller.abort();
    });
    try {
      return await this.options.service.handle(method, params, controller.signal);
    } catch (error) {
      const own = PeerError.from(error);
      if (own.code === 'internal') this.options.logger.error(method, error);
      return toResponseError(own);
    } finally {
      subscription.dispose();
    }
  }
}
