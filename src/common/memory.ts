/**
 * Bytes that are lent: `release` gives them back, after which nobody may look at them. Whoever cannot tell
 * whether somebody still does (a thread that was given up, say) never releases, and leaves them to the
 * garbage collector. Idempotent.
 */
export interface Lease {
  readonly bytes: Uint8Array;
  readonly release: () => void;
}

/** Where large buffers come from. */
export interface Memory {
  /** Exactly `length` bytes of any content. */
  take(length: number): Lease;
}

/** Below this, fresh memory is cheaper than keeping accounts. */
const smallBytes = 64 * 1024;
/** Buffers come in multiples of this, so that pieces of nearly one size share them. */
const unit = 64 * 1024;

/**
 * Large buffers that are used again and again. A transfer that allocates each of its pieces makes the garbage
 * collector mark the whole heap every 64 MiB, which costs more than encrypting them does. The memory is
 * shared: posting it to a thread copies and transfers nothing.
 */
export class MemoryPool implements Memory {
  /** By capacity in units; the last one used is the first to be used again. */
  readonly #idle = new Map<number, SharedArrayBuffer[]>();
  #idleBytes = 0;
  /** Buffers that were made, for tests: it stands still once a transfer is under way. */
  made = 0;

  /** @param maxIdleBytes what is given back beyond it is freed. */
  constructor(private readonly maxIdleBytes: number) {}

  take(length: number): Lease {
    if (length <= smallBytes) return lend(new Uint8Array(length));
    const units = Math.ceil(length / unit);
    const idle = this.#idle.get(units)?.pop();
    if (idle !== undefined) this.#idleBytes -= idle.byteLength;
    const buffer = idle ?? this.#make(units);
    let lent = true;
    return {
      bytes: new Uint8Array(buffer, 0, length),
      release: () => {
        if (lent) this.#takeBack(buffer, units);
        lent = false;
      },
    };
  }

  #make(units: number): SharedArrayBuffer {
    this.made += 1;
    return new SharedArrayBuffer(units * unit);
  }

  #takeBack(buffer: SharedArrayBuffer, units: number): void {
    if (this.#idleBytes + buffer.byteLength > this.maxIdleBytes) return;
    this.#idleBytes += buffer.byteLength;
    const idle = this.#idle.get(units);
    if (idle === undefined) this.#idle.set(units, [buffer]);
    else idle.push(buffer);
  }
}

/** Bytes that belong to the borrower for good. */
export function lend(bytes: Uint8Array): Lease {
  return { bytes, release: () => undefined };
}

/**
 * Frees bytes that Node allocated and nobody looks at any more. Left to the garbage collector, they would lie there
 * until 64 MiB have gathered, and the whole heap is marked then. What shares its ArrayBuffer with others stays.
 */
export function discard({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0);
}

/** Memory of its own for everybody. */
export const freshMemory: Memory = { take: (length) => lend(new Uint8Array(length)) };
