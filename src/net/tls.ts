import { constants, createHash } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connect, createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import { toDisposable } from '../common/disposable.js';
import { PeerError } from '../common/errors.js';
import type { Logger } from '../common/logger.js';
import { transportLimits, type TransportLimits } from '../protocol/limits.js';
import { formatAddress, parseAddress, type HostPort } from './address.js';
import { dialError } from './dialError.js';
import type { Identity } from './identity.js';
import { Strangers } from './strangers.js';
import { TlsLink, type Proven } from './tlsLink.js';
import type { DialOptions, Link, Listener, OnLink, Transport } from './transport.js';

/** Name of the protocol in the TLS handshake: others are refused there already. */
export const alpn = 'chunk-partitioner/1';

/**
 * TLS 1.3 between self-signed keys. Nobody vouches for a certificate, so Node's own checks are off, and on both
 * ends the key itself is compared once the handshake is complete, before a byte is written. A resumed session
 * would bring no certificate: no tickets are given, none is used, and one that appears is refused.
 */
export class TlsTransport implements Transport {
  readonly #context: SecureContext;
  readonly #limits: TransportLimits;

  constructor(
    identity: Pick<Identity, 'certificate' | 'privateKey'>,
    private readonly logger: Logger,
    /** Overrides single bounds, for tests. */
    limits: Partial<TransportLimits> = {},
  ) {
    this.#limits = { ...transportLimits, ...limits };
    this.#context = createSecureContext({
      cert: identity.certificate,
      key: identity.privateKey,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
  }

  listen(at: HostPort, onLink: OnLink): Promise<Listener> {
    const strangers = new Strangers(this.#limits);
    const server = createServer((raw) => {
      const release = strangers.enter(raw);
      if (release === undefined) {
        this.logger.info('too many connections that are not admitted', raw.remoteAddress);
        raw.destroy();
        return;
      }
      this.#secure(raw, (link) => {
        strangers.handOver(raw);
        onLink(link, release);
      });
    });
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => {
        const where = formatAddress(at.host, at.port);
        reject(
          new PeerError('in-use', `Cannot listen on ${where}.`, {
            cause,
            hint: 'Choose another port, or 0 for any that is free.',
          }),
        );
      });
      server.listen(at.port, at.host, () => {
        server.on('error', (error) => {
          this.logger.warn('the listener failed', error);
        });
        const { address, port } = server.address() as AddressInfo;
        const stopping = toDisposable(() => {
          server.close();
          strangers.dispose();
        });
        resolve({
          address: formatAddress(address, port),
          dispose: () => {
            stopping.dispose();
          },
        });
      });
    });
  }

  async dial(address: string, options: DialOptions): Promise<Link> {
    const { host, port } = parseAddress(address);
    const { expect, signal, timeoutMs = this.#limits.dialMs } = options;
    if (signal?.aborted === true) throw dialError(address, signal.reason);
    const socket = connect({
      host,
      port,
      secureContext: this.#context,
      ALPNProtocols: [alpn],
      rejectUnauthorized: false, // the key is compared below
    });
    const stop = (reason: unknown): void => {
      socket.destroy(PeerError.is(reason) ? reason : dialError(address, reason));
    };
    const onAbort = (): void => {
      stop(signal?.reason);
    };
    const timer = setTimeout(() => {
      stop(new PeerError('timeout', `${address} does not answer.`));
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await secured(socket, 'secureConnect');
      const proven = prove(socket);
      if (proven === undefined || !expect(proven.nodeId)) {
        throw new PeerError('not-trusted', `Another identity answers at ${address}.`, {
          hint: 'If that peer was set up anew it has to join again. Otherwise check the address.',
          details: { address, nodeId: proven?.nodeId ?? null },
        });
      }
      prepare(socket);
      return new TlsLink(socket, proven);
    } catch (error) {
      socket.destroy();
      throw dialError(address, error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** The listening end of a handshake; whoever does not complete it in time, and rightly, is cut off. */
  #secure(raw: Socket, onSecured: (link: Link) => void): void {
    const socket = new TLSSocket(raw, {
      isServer: true,
      secureContext: this.#context,
      ALPNProtocols: [alpn],
      requestCert: true,
      rejectUnauthorized: false, // the key is compared below
    });
    // Not the idle timeout of the socket, which a byte now and then would hold off.
    const timer = setTimeout(() => {
      raw.destroy();
    }, this.#limits.tlsHandshakeMs);
    secured(socket, 'secure')
      .then(() => {
        const proven = prove(socket);
        if (proven === undefined) throw new PeerError('not-trusted', 'No key was proved.');
        prepare(socket);
        onSecured(new TlsLink(socket, proven));
      })
      .catch((error: unknown) => {
        this.logger.debug('a handshake failed', raw.remoteAddress, PeerError.from(error).message);
        socket.destroy();
        raw.destroy();
      })
      .finally(() => {
        clearTimeout(timer);
      });
  }
}

function secured(socket: TLSSocket, event: 'secure' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.on('error', reject);
    socket.once('close', () => {
      reject(new PeerError('closed', 'The connection was closed during the handshake.'));
    });
  });
}

/** Who is at the other end. Undefined for a resumed session, another protocol, or no key of the right kind. */
function prove(socket: TLSSocket): Proven | undefined {
  if (socket.isSessionReused() || socket.getProtocol() !== 'TLSv1.3') return undefined;
  if (socket.alpnProtocol !== alpn) return undefined;
  const key = socket.getPeerX509Certificate()?.publicKey;
  if (key?.asymmetricKeyType !== 'ec') return undefined;
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
  const spki = new Uint8Array(key.export({ type: 'spki', format: 'der' }));
  return { nodeId: createHash('sha256').update(spki).digest('hex'), spki };
}

function prepare(socket: TLSSocket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 15_000);
}
