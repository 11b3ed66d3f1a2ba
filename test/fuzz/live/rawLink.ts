import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Frame } from '../../../src/protocol/frame.js';
import { FrameDecoder } from '../../../src/protocol/frameDecoder.js';
import { admittedFrame } from '../../../src/protocol/limits.js';
import { alpnProtocol, type Credentials } from '../../support/stranger.js';

const dialMs = 10_000;

/** An open connection on which anything can be said. Everything on it may fail at any time; nothing here throws for that. */
export class RawLink {
  readonly #decoder = new FrameDecoder(admittedFrame);
  readonly #closed = Promise.withResolvers<null>();
  /** Called with each frame that arrives. */
  onFrame: (frame: Frame) => void = () => undefined;
  isClosed = false;

  private constructor(
    private readonly socket: Socket,
    /** What lies below it. */
    private readonly tcp: Socket,
  ) {
    socket.on('error', () => undefined); // the close follows
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const frame of this.#decoder.push(chunk)) this.onFrame(frame);
      } catch {
        socket.destroy(); // not the product's fault: what it sends is looked at elsewhere
      }
    });
    socket.once('close', () => {
      this.isClosed = true;
      this.#closed.resolve(null);
    });
  }

  /** Without TLS. Null when it is not let in. */
  static tcp(address: string, localAddress: string): Promise<RawLink | null> {
    return RawLink.#open(connectTcp({ ...hostPort(address), localAddress }));
  }

  /** With the handshake done. Null when it is not let in. */
  static tls(
    address: string,
    localAddress: string,
    credentials: Partial<Credentials>,
  ): Promise<RawLink | null> {
    // Dialled on its own: node:tls does not pass the local address on.
    const socket = connectTcp({ ...hostPort(address), localAddress });
    socket.on('error', () => secured.destroy());
    const secured = connectTls({
      ...credentials,
      socket,
      ALPNProtocols: [alpnProtocol],
      rejectUnauthorized: false,
    });
    return RawLink.#open(socket, secured);
  }

  /** To a Unix socket or named pipe. Null when nobody listens there. */
  static local(path: string): Promise<RawLink | null> {
    return RawLink.#open(connectTcp(path));
  }

  static #open(tcp: Socket, secured?: Socket): Promise<RawLink | null> {
    const link = new RawLink(secured ?? tcp, tcp);
    return new Promise((resolve) => {
      const timer = setTimeout(() => tcp.destroy(), dialMs);
      link.socket.once(secured ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer);
        resolve(link);
      });
      void link.closed.then(() => {
        clearTimeout(timer);
        resolve(null);
      });
    });
  }

  get closed(): Promise<unknown> {
    return this.#closed.promise;
  }

  /** Bytes that the other end has not taken. */
  get waiting(): number {
    return this.socket.writableLength;
  }

  write(...parts: readonly Uint8Array[]): void {
    for (const part of parts) if (!this.isClosed) this.socket.write(part);
  }

  /** Resolves when what was written has left, the link is closed, or the time is over. */
  async drained(ms: number): Promise<void> {
    if (this.socket.writableLength === 0 || this.isClosed) return;
    const drain = new Promise<void>((resolve) => this.socket.once('drain', resolve));
    await Promise.race([drain, this.closed, pause(ms)]);
  }

  /** Resolves when the other end has closed it, or the time is over. @returns whether it is closed. */
  async closedWithin(ms: number): Promise<boolean> {
    await Promise.race([this.closed, pause(ms)]);
    return this.isClosed;
  }

  stopReading(): void {
    this.socket.pause();
  }

  /** Says that nothing more will come, and reads on. */
  finish(): void {
    this.socket.end();
  }

  /** Gone without a word. */
  reset(): void {
    this.tcp.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Waits: what is attacked is told nothing of it. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function hostPort(address: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`tcp://${address}`);
  return { host: hostname, port: Number(port) };
}
