import assert from 'node:assert/strict';
import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  createServer as createTlsServer,
} from 'node:tls';
import { X509CertificateGenerator } from '@peculiar/x509';
import { PeerError } from '../../src/common/errors.js';
import { silentLogger } from '../../src/common/logger.js';
import type { Identity } from '../../src/net/identity.js';
import { alpn, TlsTransport } from '../../src/net/tls.js';
import type { Link, Listener } from '../../src/net/transport.js';
import { newIdentity } from './identities.js';
import { LinkProbe } from './linkProbe.js';
import { transportContract } from './transportContract.js';

interface Client {
  readonly key?: string;
  readonly cert?: string;
  readonly protocols?: string[];
  readonly session?: Buffer;
  readonly version?: 'TLSv1.2';
}

describe('transport over TLS', () => {
  let near: Identity;
  let far: Identity;
  const listeners: Listener[] = [];
  const sockets: Socket[] = [];

  before(async () => {
    [near, far] = await Promise.all([newIdentity(), newIdentity()]);
  });

  afterEach(() => {
    for (const listener of listeners.splice(0)) listener.dispose();
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  transportContract(() =>
    Promise.resolve({
      near: { nodeId: near.nodeId, transport: new TlsTransport(near, silentLogger) },
      far: { nodeId: far.nodeId, transport: new TlsTransport(far, silentLogger) },
    }),
  );

  async function listen(
    onLink: (link: Link, admitted: () => void) => void,
    limits: ConstructorParameters<typeof TlsTransport>[2] = {},
  ): Promise<number> {
    const transport = new TlsTransport(far, silentLogger, limits);
    const listener = await transport.listen({ host: '127.0.0.1', port: 0 }, onLink);
    listeners.push(listener);
    return Number(listener.address.split(':')[1]);
  }

  function tcp(port: number): Socket {
    const socket = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    return socket;
  }

  /** A client of its own making: what came until the other end hung up, and whether TLS was ever secured. */
  function converse(
    port: number,
    client: Client,
  ): Promise<{ secured: boolean; resumed: boolean; bytes: number; session: Buffer | undefined }> {
    return new Promise((resolve) => {
      let secured = false;
      let resumed = false;
      let bytes = 0;
      let session: Buffer | undefined;
      const version = client.version ?? 'TLSv1.3';
      const { key, cert } = client;
      const socket = connectTls({
        port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ALPNProtocols: client.protocols ?? [alpn],
        secureContext: createSecureContext({
          ...(key === undefined ? {} : { key }),
          ...(cert === undefined ? {} : { cert }),
          minVersion: version,
          maxVersion: version,
        }),
        ...(client.session && { session: client.session }),
      });
      sockets.push(socket);
      socket.on('secureConnect', () => {
        secured = true;
        resumed = socket.isSessionReused();
        socket.write('hello');
      });
      socket.on('session', (offered: Buffer) => {
        session = offered;
      });
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength;
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        resolve({ secured, resumed, bytes, session });
      });
    });
  }

  it('hands over nobody without a certificate, with another kind of key, protocol or version', async () => {
    let links = 0;
    const port = await listen(() => {
      links += 1;
    });
    const own = { key: near.privateKey, cert: near.certificate };
    const clients: Record<string, Client> = {
      'no certificate': {},
      'another curve': await onAnotherCurve(),
      'no protocol': { ...own, protocols: [] },
      'another protocol': { ...own, protocols: ['h2'] },
      'an older TLS': { ...own, version: 'TLSv1.2' },
    };
    for (const [what, client] of Object.entries(clients)) {
      const { bytes } = await converse(port, client);
      assert.equal(bytes, 0, what);
    }
    assert.equal(links, 0);
  });

  it('does not resume sessions: the key is proved every time', async () => {
    const ids: string[] = [];
    const port = await listen((link) => {
      ids.push(link.nodeId);
      const probe = new LinkProbe(link);
      void probe.has(5).then(() => {
        link.write([Uint8Array.of(1)]);
        link.end();
      });
    });
    const own = { key: near.privateKey, cert: near.certificate };
    const first = await converse(port, own);
    assert.equal(first.bytes, 1);
    if (first.session !== undefined) {
      const again = await converse(port, { ...own, session: first.session });
      assert.equal(again.resumed, false);
      // Without the certificate the session is worth nothing.
      const stolen = await converse(port, { session: first.session });
      assert.deepEqual([stolen.resumed, stolen.bytes], [false, 0]);
      assert.deepEqual(ids, [near.nodeId, near.nodeId]);
    }
  });

  it('sends an impostor at a known address nothing', async () => {
    let bytes = 0;
    const { promise: closed, resolve } = Promise.withResolvers<undefined>();
    const server = createTlsServer(
      {
        key: near.privateKey,
        cert: near.certificate,
        ciphers: 'TLS_AES_256_GCM_SHA384',
        requestCert: true,
        rejectUnauthorized: false,
        ALPNProtocols: [alpn],
      },
      (socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (chunk: Buffer) => {
          bytes += chunk.byteLength;
        });
      },
    );
    server.on('tlsClientError', () => undefined);
    server.on('connection', (raw: Socket) => {
      raw.once('close', () => {
        resolve(undefined);
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;
    const dialled = new TlsTransport(near, silentLogger).dial(`127.0.0.1:${String(port)}`, {
      expect: (nodeId) => nodeId === far.nodeId,
    });
    await assert.rejects(dialled, (error) => PeerError.is(error, 'not-trusted'));
    await closed;
    assert.equal(bytes, 0);
    await new Promise((done) => server.close(done));
  });

  it('gives up on a silent or dribbling handshake after its deadline, on both ends', async () => {
    let links = 0;
    const port = await listen(
      () => {
        links += 1;
      },
      { tlsHandshakeMs: 150 },
    );
    const silent = tcp(port);
    const dribbling = tcp(port);
    // The head of a ClientHello record that never ends, a byte every now and then.
    const bytes = Buffer.from('1603010200010001fc0303', 'hex');
    let at = 0;
    const timer = setInterval(() => {
      dribbling.write(bytes.subarray(at, (at += 1)));
    }, 20);
    try {
      await Promise.all(
        [silent, dribbling].map((socket) => new Promise((closed) => socket.once('close', closed))),
      );
    } finally {
      clearInterval(timer);
    }
    assert.equal(links, 0);

    const server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const mute = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const dialler = new TlsTransport(near, silentLogger);
    await assert.rejects(dialler.dial(mute, { expect: () => true, timeoutMs: 100 }), (error) =>
      PeerError.is(error, 'timeout'),
    );
    server.close();
  });

  it('tells one who is no peer at all', async () => {
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const dialled = new TlsTransport(near, silentLogger).dial(address, { expect: () => true });
    await assert.rejects(dialled, (error) => PeerError.is(error, 'protocol'));
    server.close();
  });

  it('closes on noise', async () => {
    const port = await listen(() => assert.fail('handed over'));
    const socket = tcp(port);
    socket.write(Buffer.alloc(1000, 0x41));
    await new Promise((closed) => socket.once('close', closed));
  });

  it('bounds those who are not admitted, in all and from one address, and frees their places', async () => {
    const places: (() => void)[] = [];
    const links: Link[] = [];
    let wake: () => void = () => undefined;
    const port = await listen(
      (link, admitted) => {
        links.push(link);
        places.push(admitted);
        wake();
      },
      { pending: 8, pendingPerNetwork: 2 },
    );
    const dialler = new TlsTransport(near, silentLogger);
    const dial = () =>
      dialler.dial(`127.0.0.1:${String(port)}`, { expect: (id) => id === far.nodeId });
    const linked = async (count: number): Promise<void> => {
      while (links.length < count) await new Promise<void>((resolve) => (wake = resolve));
    };
    const first = [await dial(), await dial()];
    await linked(2);
    await assert.rejects(dial(), (error) => PeerError.is(error, 'closed', 'unreachable'));
    places[0]?.();
    places[0]?.();
    first.push(await dial());
    await linked(3);
    await assert.rejects(dial(), (error) => PeerError.is(error, 'closed', 'unreachable'));
    const gone = links[1];
    assert.ok(gone);
    const probe = new LinkProbe(gone);
    gone.destroy();
    await probe.isClosed();
    first.push(await dial());
    await linked(4);
    for (const link of [...first, ...links]) link.destroy();
  });

  it('closes handshakes under way when it stops to listen', async () => {
    const port = await listen(() => assert.fail('handed over'));
    const socket = tcp(port);
    await new Promise((connected) => socket.once('connect', connected));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // The listener has to have seen it: a second connection is answered in order.
    const probe = tcp(port);
    probe.write('noise');
    await new Promise((resolve) => probe.once('close', resolve));
    for (const listener of listeners) listener.dispose();
    await closed;
  });
});

/** A key and certificate on P-384, which TLS accepts and this product does not. */
async function onAnotherCurve(): Promise<{ key: string; cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { serialNumber: '01', name: 'CN=other', keys, signingAlgorithm: algorithm },
    webcrypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return {
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: certificate.toString('pem'),
  };
}
