import type { Disposable } from '../common/disposable.js';
import type { ConnectionLimits } from '../protocol/limits.js';

export interface KeepaliveOptions {
  readonly ping: () => Promise<unknown>;
  readonly onDead: () => void;
}

/** Asks for a sign of life when there was none for a while, and gives up after some missed ones. */
export class Keepalive implements Disposable {
  #timer: NodeJS.Timeout | undefined;
  #heardAt = performance.now();

  constructor(
    private readonly limits: Pick<ConnectionLimits, 'pingMs' | 'missedPings'>,
    private readonly options: KeepaliveOptions,
  ) {}

  start(): void {
    this.heard();
    this.#timer ??= setInterval(() => {
      this.#check();
    }, this.limits.pingMs).unref();
  }

  /** Bytes came, or left: the other end lives. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { pingMs, missedPings } = this.limits;
    const silence = performance.now() - this.#heardAt;
    // Intervals may fire a little early by this clock.
    if (silence + pingMs / 10 < pingMs) return;
    if (silence + pingMs / 10 >= pingMs * (missedPings + 1)) this.options.onDead();
    else this.options.ping().catch(() => undefined); // silence decides, not a single answer
  }
}
