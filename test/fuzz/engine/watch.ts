/** Longest input that is told. */
const maxInput = 128 * 1024;

/** Where a thread leaves the input that it is about to try: when it never comes back, it cannot say so any more. */
export class Watch {
  readonly #numbers: Int32Array;
  readonly #input: Uint8Array;

  constructor(readonly buffer: SharedArrayBuffer = new SharedArrayBuffer(8 + maxInput)) {
    this.#numbers = new Int32Array(buffer, 0, 2);
    this.#input = new Uint8Array(buffer, 8);
  }

  tell(input: Uint8Array): void {
    const length = Math.min(input.byteLength, maxInput);
    this.#input.set(input.subarray(0, length));
    Atomics.store(this.#numbers, 1, length);
    Atomics.add(this.#numbers, 0, 1);
  }

  /** Inputs so far. */
  get count(): number {
    return Atomics.load(this.#numbers, 0);
  }

  /** The last one. */
  get input(): Uint8Array {
    return this.#input.slice(0, Atomics.load(this.#numbers, 1));
  }
}
