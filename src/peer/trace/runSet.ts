/** A set of whole numbers as runs, sorted and apart from each other: a million chunks in a row cost as much as one. */
export class RunSet {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** @param mostRuns what would be one more is not taken in */
  constructor(private readonly mostRuns = Number.POSITIVE_INFINITY) {}

  get runs(): number {
    return this.#starts.length;
  }

  /** Takes in `start` to `end` (exclusive). @returns false when there is no room for it */
  add(start: number, end: number): boolean {
    if (start >= end) return true;
    const from = firstAtLeast(this.#ends, start); // runs that touch it become one with it
    const to = firstAtLeast(this.#starts, end + 1);
    if (from === to && this.runs >= this.mostRuns) return false;
    const first = from < to ? Math.min(start, this.#starts[from] ?? start) : start;
    const last = from < to ? Math.max(end, this.#ends[to - 1] ?? end) : end;
    this.#replace(from, to, [[first, last]]);
    return true;
  }

  delete(start: number, end: number): void {
    if (start >= end) return;
    const from = firstAtLeast(this.#ends, start + 1);
    const to = firstAtLeast(this.#starts, end);
    if (from >= to) return;
    const first = this.#starts[from] ?? start;
    const last = this.#ends[to - 1] ?? end;
    const left: (readonly [number, number])[] = [];
    if (first < start) left.push([first, start]);
    if (last > end) left.push([end, last]);
    this.#replace(from, to, left);
  }

  clear(): void {
    this.#starts.length = 0;
    this.#ends.length = 0;
  }

  /**
   * How many there are between each two neighbours of `edges`, which ascend.
   *
   * @returns one number less than there are edges
   */
  countBetween(edges: readonly number[]): number[] {
    const counts: number[] = [];
    let run = firstAtLeast(this.#ends, (edges[0] ?? 0) + 1);
    for (let column = 0; column + 1 < edges.length; column += 1) {
      const [left, right] = [edges[column] ?? 0, edges[column + 1] ?? 0];
      let count = 0;
      for (; run < this.runs; run += 1) {
        const [start, end] = [this.#starts[run] ?? 0, this.#ends[run] ?? 0];
        if (start >= right) break;
        count += Math.min(end, right) - Math.max(start, left);
        if (end > right) break; // the next column has some of it, too
      }
      counts.push(count);
    }
    return counts;
  }

  #replace(from: number, to: number, runs: readonly (readonly [number, number])[]): void {
    this.#starts.splice(from, to - from, ...runs.map(([start]) => start));
    this.#ends.splice(from, to - from, ...runs.map(([, end]) => end));
  }
}

/** Index of the first of `sorted` that is at least `value`. */
function firstAtLeast(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? value) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
