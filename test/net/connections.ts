import { randomBytes } from 'node:crypto';
import type { Disposable } from '../../src/common/disposable.js';
import { PeerError } from '../../src/common/errors.js';
import { silentLogger } from '../../src/common/logger.js';
import { Connection, type ConnectionOptions } from '../../src/net/connection.js';
import type { Identity } from '../../src/net/identity.js';
import { TlsTransport } from '../../src/net/tls.js';
import type { Link } from '../../src/net/transport.js';

/** Two ends of one TLS link over loopback. */
export interface Ends extends Disposable {
  readonly near: Link;
  readonly far: Link;
}

export async function linkEnds(near: Identity, far: Identity): Promise<Ends> {
  const { promise, resolve } = Promise.withResolvers<Link>();
  const listening = new TlsTransport(far, silentLogger);
  const listener = await listening.listen({ host: '127.0.0.1', port: 0 }, resolve);
  const link = await new TlsTransport(near, silentLogger).dial(listener.address, {
    expect: (nodeId) => nodeId === far.nodeId,
  });
  const other = await promise;
  listener.dispose();
  return {
    near: link,
    far: other,
    dispose: () => {
      link.destroy();
      other.destroy();
    },
  };
}

export function connectionOver(link: Link, options: Partial<ConnectionOptions> = {}): Connection {
  return new Connection(link, {
    logger: silentLogger,
    handler: () => Promise.reject(new PeerError('unsupported', 'Nothing is answered here.')),
    ...options,
  });
}

export function closing(connection: Connection): Promise<PeerError> {
  return new Promise((resolve) => {
    connection.onDidClose(resolve);
  });
}

export const share = new Uint8Array(randomBytes(16));
