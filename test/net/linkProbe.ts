import type { Link } from '../../src/net/transport.js';

/** Notes what happens on a link, and lets tests wait for it. */
export class LinkProbe {
  #received: Uint8Array[] = [];
  #waiting: (() => void)[] = [];
  #bytes = 0;
  drained = 0;
  closed = 0;

  constructor(readonly link: Link) {
    link.attach({
      onData: (chunk) => {
        this.#received.push(Uint8Array.from(chunk));
        this.#bytes += chunk.byteLength;
        this.#wake();
      },
      onDrain: () => {
        this.drained += 1;
        this.#wake();
      },
      onClose: () => {
        this.closed += 1;
        this.#wake();
      },
    });
  }

  get received(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#received));
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Until at least so many bytes came. */
  async has(bytes: number): Promise<void> {
    await this.#until(() => this.#bytes >= bytes);
  }

  async isClosed(): Promise<void> {
    await this.#until(() => this.closed > 0);
  }

  async hasDrained(): Promise<void> {
    await this.#until(() => this.link.buffered === 0);
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
