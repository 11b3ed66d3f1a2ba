import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:tls';
import { X509CertificateGenerator } from '@peculiar/x509';

/** Key and self-signed certificate of the kind that peers have, in PEM. */
export interface Credentials {
  readonly key: string;
  readonly cert: string;
}

/**
 * A valid identity that nobody has admitted anywhere, or, on another curve than P-256, one that no peer has. Made by
 * the library, not by the code under test.
 */
export async function newStranger(namedCurve: 'P-256' | 'P-384' = 'P-256'): Promise<Credentials> {
  const algorithm = { name: 'ECDSA', namedCurve, hash: 'SHA-256' } as const;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: randomBytes(8).toString('hex'),
      name: 'CN=chunk-partitioner',
      notBefore: new Date('2000-01-01'),
      notAfter: new Date('2100-01-01'),
      signingAlgorithm: algorithm,
      keys,
    },
    webcrypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const body = pkcs8.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${body.join('\n')}\n-----END PRIVATE KEY-----\n`,
    cert: certificate.toString('pem'),
  };
}

export const alpnProtocol = 'chunk-partitioner/1';

export interface Conversation {
  /** All application bytes that the peer sent until it closed the connection. */
  readonly received: Buffer;
  readonly secured: boolean;
  readonly resumed: boolean;
  /** TLS sessions that the peer offered to resume. */
  readonly tickets: readonly Buffer[];
  /** What could be presented in the next connection. */
  readonly session: Buffer | undefined;
  readonly protocol: string | null;
}

export interface ConversationOptions {
  readonly credentials?: Credentials;
  readonly session?: Buffer;
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Written as soon as the connection is secure. */
  readonly say?: readonly Uint8Array[];
}

/** Longest time a peer may take to get rid of somebody who does not belong, milliseconds. */
const deadlineMs = 40_000;

/** Connects with node:tls, says something, and listens until the peer hangs up. @throws Error when it never does. */
export function converse(address: string, options: ConversationOptions): Promise<Conversation> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const tickets: Buffer[] = [];
    let secured = false;
    let resumed = false;
    let session: Buffer | undefined;
    let protocol: string | null = null;
    const socket = connect({
      host: hostname,
      port: Number(port),
      ALPNProtocols: [alpnProtocol],
      rejectUnauthorized: false,
      maxVersion: options.maxVersion ?? 'TLSv1.3',
      ...options.credentials,
      ...(options.session === undefined ? {} : { session: options.session }),
    });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`${address} did not hang up`));
    }, deadlineMs);
    socket.on('secureConnect', () => {
      secured = true;
      resumed = socket.isSessionReused();
      protocol = socket.getProtocol();
      session = socket.getSession();
      for (const bytes of options.say ?? []) socket.write(bytes);
    });
    socket.on('session', (ticket: Buffer) => tickets.push(ticket));
    socket.on('data', (bytes: Buffer) => received.push(bytes));
    socket.on('end', () => socket.end());
    socket.on('error', () => undefined); // a reset is a way to hang up
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ received: Buffer.concat(received), secured, resumed, tickets, session, protocol });
    });
  });
}

/** Answers TLS connections at an address with credentials of its own, and notes what it is told. */
export class Impostor {
  #bytes = 0;
  #visits = 0;
  #onChange: () => void = () => undefined;
  readonly #sockets = new Set<Socket>();
  readonly #server;

  constructor(credentials: Credentials) {
    this.#server = createServer(
      {
        ...credentials,
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.3',
        ALPNProtocols: [alpnProtocol],
      },
      (socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (bytes: Buffer) => {
          this.#bytes += bytes.length;
        });
      },
    );
    this.#server.on('tlsClientError', () => undefined); // whoever dials may hang up during the handshake
    this.#server.on('connection', (socket: Socket) => {
      this.#visits += 1;
      this.#sockets.add(socket);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#onChange();
      });
    });
  }

  /** Application bytes received, over all connections. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Connections that were made, whether or not they got as far as being secure. */
  get visits(): number {
    return this.#visits;
  }

  /** @returns `host:port`. */
  async listen(address = '127.0.0.1:0'): Promise<string> {
    const [host, port] = address.split(':');
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(Number(port), host, resolve);
    });
    const bound = this.#server.address() as AddressInfo;
    return `${bound.address}:${String(bound.port)}`;
  }

  /** Waits until it was connected to, and whoever did so has hung up. @throws Error when that takes too long. */
  async visited(): Promise<void> {
    const limit = AbortSignal.timeout(deadlineMs);
    while (this.#visits === 0 || this.#sockets.size > 0) {
      await new Promise<void>((resolve, reject) => {
        this.#onChange = resolve;
        limit.addEventListener('abort', () => {
          reject(new Error('nobody came to the impostor, or somebody stayed'));
        });
      });
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}
