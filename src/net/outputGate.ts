interface Waiter {
  readonly bytes: number;
  readonly go: (release: () => void) => void;
}

/**
 * Lets producers of large frames through one after the other, as long as what waits to be sent, and what is
 * being produced, stays below the high-water mark. Whoever comes when nothing waits is always let through.
 */
export class OutputGate {
  readonly #waiting: Waiter[] = [];
  #reserved = 0;
  #open = false;

  constructor(
    private readonly buffered: () => number,
    private readonly highWater: number,
  ) {}

  /** Resolves when there is room. */
  async ready(signal?: AbortSignal): Promise<void> {
    (await this.reserve(0, signal))();
  }

  /** Keeps room for `bytes` until the result is called (idempotent). An abort lets the caller through: it looks itself. */
  reserve(bytes: number, signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted === true || (this.#waiting.length === 0 && this.hasRoom(bytes))) {
      return Promise.resolve(this.#take(bytes));
    }
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        resolve(() => undefined);
        this.wake();
      };
      const waiter: Waiter = {
        bytes,
        go: (release) => {
          signal?.removeEventListener('abort', leave);
          resolve(release);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
    });
  }

  /** To be called when output has left. */
  wake(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || !this.hasRoom(next.bytes)) return;
      this.#waiting.shift();
      next.go(this.#take(next.bytes));
    }
  }

  /** Lets everybody through, now and later: the connection has ended, which they notice themselves. */
  open(): void {
    this.#open = true;
    this.wake();
  }

  hasRoom(bytes = 0): boolean {
    const used = this.buffered() + this.#reserved;
    return this.#open || used === 0 || used + bytes < this.highWater;
  }

  #take(bytes: number): () => void {
    this.#reserved += bytes;
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.#reserved -= bytes;
      this.wake();
    };
  }
}
