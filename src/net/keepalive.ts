import type { Disposable } from '../common/disposable.js';
import type { ConnectionLimits } from '../protocol/limits.js';

export interface KeepaliveOptions {
  readonly ping: (timeoutMs: number) => Promise<unknown>;
  readonly onDead: () => void;
}

/** Asks for a sign of life when there was none for a while, and gives up after some missed ones. */
export class Keepalive implements Disposable {
  #timer: NodeJS.Timeout | undefined;
  /** Runs while an answer is waited for that decides alone. */
  #doubt: NodeJS.Timeout | undefined;
  #heard = true;
  #missed = 0;

  constructor(
    private readonly limits: Pick<ConnectionLimits, 'pingMs' | 'missedPings' | 'probeMs'>,
    private readonly options: KeepaliveOptions,
  ) {}

  start(): void {
    this.heard();
    this.#timer ??= setInterval(() => {
      this.#check();
    }, this.limits.pingMs).unref();
  }

  /** Bytes came, or a body moves on: the other end lives. */
  heard(): void {
    this.#heard = true;
    clearTimeout(this.#doubt);
    this.#doubt = undefined;
  }

  /** Asks now, and gives up on this one silence: the network is another one, or this machine slept. */
  probe(): void {
    if (this.#timer === undefined || this.#doubt !== undefined) return;
    this.#doubt = setTimeout(() => {
      this.options.onDead();
    }, this.limits.probeMs).unref();
    this.#ping(this.limits.probeMs);
  }

  dispose(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#doubt);
    this.#timer = undefined;
  }

  /** Counts instead of measuring: a process that was suspended does not take all others for dead. */
  #check(): void {
    this.#missed = this.#heard ? 0 : this.#missed + 1;
    const quiet = !this.#heard;
    this.#heard = false;
    if (this.#missed > this.limits.missedPings) this.options.onDead();
    else if (quiet) this.#ping(this.limits.pingMs);
  }

  #ping(timeoutMs: number): void {
    this.options.ping(timeoutMs).catch(() => undefined); // silence decides, not one answer
  }
}
