import type { TLSSocket } from 'node:tls';
import { discard } from '../common/memory.js';
import { connectionLimits } from '../protocol/limits.js';
import type { Link, LinkEvents } from './transport.js';

/** The one who proved, in a TLS handshake, to own a key. */
export interface Proven {
  readonly nodeId: string;
  readonly spki: Uint8Array;
}

/** Parts up to this size, bytes, are joined to one write. */
const smallPart = 16 * 1024;

/** A {@link Link} over a TLS socket that is secured and whose key has been compared. */
export class TlsLink implements Link {
  readonly nodeId: string;
  readonly spki: Uint8Array;
  readonly remoteAddress: string;
  #events: LinkEvents | undefined;
  #error: Error | undefined;
  #closed = false;

  constructor(
    private readonly socket: TLSSocket,
    { nodeId, spki }: Proven,
  ) {
    this.nodeId = nodeId;
    this.spki = spki;
    this.remoteAddress = socket.remoteAddress ?? '';
    socket.on('error', (error: Error) => {
      this.#error = error;
    });
    socket.once('close', () => {
      this.#closed = true;
      this.#events?.onClose(this.#error);
    });
  }

  get buffered(): number {
    return this.socket.writableLength;
  }

  attach(events: LinkEvents): void {
    this.#events = events;
    if (this.#closed) {
      // It went away before anybody looked; told later, so that the caller has its state in order.
      queueMicrotask(() => {
        events.onClose(this.#error);
      });
      return;
    }
    this.socket.on('data', (chunk: Buffer) => {
      events.onData(chunk);
      discard(chunk);
    });
  }

  write(parts: readonly Uint8Array[], onSent?: () => void): void {
    const { socket } = this;
    if (!socket.writable) return; // the close event tells, or has told
    // Small parts leave together. A large one leaves alone: Node would copy it once more to join it to another.
    const together = parts.every((part) => part.byteLength <= smallPart);
    if (together) socket.cork();
    parts.forEach((part, index) => {
      if (index < parts.length - 1) {
        socket.write(part);
        return;
      }
      socket.write(part, (error) => {
        if (error) return;
        onSent?.();
        if (!this.#closed) this.#events?.onDrain();
      });
    });
    if (together) socket.uncork();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    const timer = setTimeout(() => {
      this.destroy();
    }, connectionLimits.lingerMs).unref();
    this.socket.once('close', () => {
      clearTimeout(timer);
    });
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
