import { createHash } from 'node:crypto';
import { toDisposable } from '../../src/common/disposable.js';
import { PeerError } from '../../src/common/errors.js';
import { formatAddress, parseAddress, type HostPort } from '../../src/net/address.js';
import type {
  DialOptions,
  Link,
  LinkEvents,
  Listener,
  OnLink,
  Transport,
} from '../../src/net/transport.js';

/** A world without sockets: who listens at which `host:port`. */
export class MemoryNetwork {
  readonly #listeners = new Map<string, { nodeId: string; spki: Uint8Array; onLink: OnLink }>();
  readonly #links: MemoryLink[] = [];
  #lastPort = 40_000;

  transport(spki: Uint8Array): Transport {
    const nodeId = createHash('sha256').update(spki).digest('hex');
    return {
      listen: (at, onLink) => this.#listen(at, { nodeId, spki, onLink }),
      dial: (address, options) => this.#dial(address, options, { nodeId, spki }),
    };
  }

  /** From now on nothing passes over the links that there are, and neither end is told. */
  cut(): void {
    for (const link of this.#links.splice(0)) link.cut();
  }

  #listen(
    { host, port }: HostPort,
    listener: { nodeId: string; spki: Uint8Array; onLink: OnLink },
  ): Promise<Listener> {
    const address = formatAddress(host, port === 0 ? (this.#lastPort += 1) : port);
    if (this.#listeners.has(address)) {
      return Promise.reject(new PeerError('in-use', `Cannot listen on ${address}.`));
    }
    this.#listeners.set(address, listener);
    const { dispose } = toDisposable(() => this.#listeners.delete(address));
    return Promise.resolve({ address, dispose });
  }

  async #dial(
    address: string,
    { expect, signal }: DialOptions,
    own: { nodeId: string; spki: Uint8Array },
  ): Promise<Link> {
    const { host, port } = parseAddress(address);
    await Promise.resolve();
    if (signal?.aborted === true) throw new PeerError('cancelled', 'Connecting was cancelled.');
    const listener = this.#listeners.get(formatAddress(host, port));
    if (listener === undefined) throw new PeerError('unreachable', `Nobody at ${address}.`);
    const [here, there] = memoryLinks(listener, own);
    this.#links.push(here, there);
    listener.onLink(there, () => undefined);
    if (!expect(listener.nodeId)) {
      here.destroy();
      throw new PeerError('not-trusted', `Another identity answers at ${address}.`, {
        details: { address, nodeId: listener.nodeId },
      });
    }
    return here;
  }
}

interface Party {
  readonly nodeId: string;
  readonly spki: Uint8Array;
}

/** Two ends of one stream: the first leads to `far`, the second back to `near`. */
export function memoryLinks(far: Party, near: Party): [MemoryLink, MemoryLink] {
  const here = new MemoryLink(far);
  const there = new MemoryLink(near);
  here.connect(there);
  there.connect(here);
  return [here, there];
}

/** Hands chunks over one per turn of the event loop, as long as the other side reads. */
export class MemoryLink implements Link {
  readonly nodeId: string;
  readonly spki: Uint8Array;
  readonly remoteAddress = 'memory';
  #other: MemoryLink | undefined;
  #events: LinkEvents | undefined;
  #outgoing: Uint8Array[] = [];
  #paused = false;
  #ending = false;
  #isCut = false;
  #closed = false;
  #told = false;
  #scheduled = false;

  constructor({ nodeId, spki }: Party) {
    this.nodeId = nodeId;
    this.spki = spki;
  }

  get buffered(): number {
    return this.#outgoing.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  connect(other: MemoryLink): void {
    this.#other = other;
  }

  attach(events: LinkEvents): void {
    this.#events = events;
    if (this.#closed)
      queueMicrotask(() => {
        this.#tell();
      });
    this.#other?.schedule();
  }

  write(parts: readonly Uint8Array[], onSent?: () => void): void {
    if (this.#closed || this.#ending) return;
    this.#outgoing.push(...parts.map((part) => Uint8Array.from(part)));
    if (onSent) queueMicrotask(onSent);
    this.schedule();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#other?.schedule();
  }

  end(): void {
    this.#ending = true;
    this.schedule();
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#outgoing = [];
    queueMicrotask(() => {
      this.#tell();
      if (!this.#isCut) this.#other?.destroy();
    });
  }

  cut(): void {
    this.#isCut = true;
  }

  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#move();
    });
  }

  #move(): void {
    if (this.#isCut) {
      this.#outgoing = [];
      this.#events?.onDrain();
      return;
    }
    if (this.#closed || this.#other === undefined || !this.#other.#readable) return;
    const chunk = this.#outgoing.shift();
    if (chunk !== undefined) {
      this.#other.#events?.onData(chunk);
      chunk.fill(0xff); // valid during the call only
      this.#events?.onDrain();
    }
    if (this.#outgoing.length > 0) this.schedule();
    else if (this.#ending) this.destroy();
  }

  get #readable(): boolean {
    return !this.#paused && !this.#closed && this.#events !== undefined;
  }

  #tell(): void {
    if (this.#told || this.#events === undefined) return;
    this.#told = true;
    this.#events.onClose();
  }
}
