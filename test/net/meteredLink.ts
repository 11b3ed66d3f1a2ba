import type { Link, LinkEvents } from '../../src/net/transport.js';

/** A link that counts what is written to it. */
export class MeteredLink implements Link {
  /** Calls of `write`: messages. */
  writes = 0;
  parts = 0;
  bytes = 0;

  constructor(private readonly inner: Link) {}

  get nodeId(): string {
    return this.inner.nodeId;
  }

  get spki(): Uint8Array {
    return this.inner.spki;
  }

  get remoteAddress(): string {
    return this.inner.remoteAddress;
  }

  get buffered(): number {
    return this.inner.buffered;
  }

  reset(): void {
    this.writes = this.parts = this.bytes = 0;
  }

  attach(events: LinkEvents): void {
    this.inner.attach(events);
  }

  write(parts: readonly Uint8Array[], onSent?: () => void): void {
    this.writes += 1;
    this.parts += parts.length;
    for (const { byteLength } of parts) this.bytes += byteLength;
    this.inner.write(parts, onSent);
  }

  pause(): void {
    this.inner.pause();
  }

  resume(): void {
    this.inner.resume();
  }

  end(): void {
    this.inner.end();
  }

  destroy(): void {
    this.inner.destroy();
  }
}
