import type { Disposable } from '../common/disposable.js';
import type { ConnectionLimits } from '../protocol/limits.js';

export interface KeepaliveOptions {
  readonly ping: () => Promise<unknown>;
  readonly onDead: () => void;
}

/** Asks for a sign of life when there was none for a while, and gives up after some missed ones. */
export class Keepalive implements Disposable {
  #timer: NodeJS.Timeout | undefined;
  #heard = true;
  #missed = 0;

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
    this.#heard = true;
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  /** Counts instead of measuring: a process that was suspended does not take all others for dead. */
  #check(): void {
    this.#missed = this.#heard ? 0 : this.#missed + 1;
    const quiet = !this.#heard;
    this.#heard = false;
    if (this.#missed > this.limits.missedPings) this.options.onDead();
    else if (quiet) this.options.ping().catch(() => undefined); // silence decides, not one answer
  }
}
