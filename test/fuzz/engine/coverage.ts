/** Which blocks have run, and about how often in one input: what that input is worth. */
export class Coverage {
  /** By block, a bit for each of once, twice, four times, … */
  readonly #seen: Uint32Array;
  #size = 0;

  constructor(private readonly counters: Uint32Array) {
    this.#seen = new Uint32Array(counters.length);
  }

  /** Blocks that have run. */
  get size(): number {
    return this.#size;
  }

  /** Whether something ran since the last look that never had, or never so often. */
  look(): boolean {
    let news = false;
    for (const [block, count] of this.counters.entries()) {
      if (count === 0) continue;
      this.counters[block] = 0;
      const seen = this.#seen[block] ?? 0;
      const bit = 1 << (31 - Math.clz32(count));
      if ((seen & bit) !== 0) continue;
      if (seen === 0) this.#size += 1;
      this.#seen[block] = seen | bit;
      news = true;
    }
    return news;
  }
}
