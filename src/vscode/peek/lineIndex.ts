import { blockSize } from './blocks.js';

/** Blocks in which lines are counted: the first 64 GiB of a file. The counts of all take 8 MiB. */
const mostCounted = 2 ** 20;

/** Counts of blocks that were seen before all that is in front of them. */
const mostApart = 2 ** 16;

const newline = 0x0a;

/**
 * Which line is where, as far as that is known: of every block up to which the file was seen from its start on without
 * a gap. Grows with what is read for whatever reason; nothing is read for it.
 */
export class LineIndex {
  /** Line ends in front of each block, and in front of the one behind the last that is counted. */
  readonly #before: number[] = [0];
  readonly #apart = new Map<number, number>();

  /** Takes in a block. What was seen already may come again. */
  saw(index: number, bytes: Uint8Array): void {
    if (index < this.counted || index >= mostCounted) return;
    if (index > this.counted && this.#apart.size >= mostApart) return;
    this.#apart.set(index, countLineEnds(bytes));
    this.#join();
  }

  /** Number of the first block whose lines are not counted yet. */
  get counted(): number {
    return this.#before.length - 1;
  }

  /** Whether no more is counted, however much is seen. */
  get full(): boolean {
    return this.counted >= mostCounted;
  }

  /** Line ends in the blocks that are counted. */
  get lineEnds(): number {
    return this.#before.at(-1) ?? 0;
  }

  /** Line ends in front of a block; undefined where that is not known. */
  before(index: number): number | undefined {
    return this.#before[index];
  }

  /** The block that has the `count`th line end of the file, counted from 1; undefined where that is not known. */
  blockOfLineEnd(count: number): number | undefined {
    if (count < 1 || count > this.lineEnds) return undefined;
    let low = 0;
    let high = this.counted - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#before[middle] ?? 0) < count) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #join(): void {
    for (let next = this.#apart.get(this.counted); next !== undefined;) {
      this.#apart.delete(this.counted);
      this.#before.push(this.lineEnds + next);
      next = this.#apart.get(this.counted);
    }
  }
}

/** Line ends (LF) in some bytes. */
export function countLineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count += 1;
  return count;
}

/** Where the `count`th line end of some bytes is, counted from 1; -1 when they have fewer. */
export function findLineEnd(bytes: Uint8Array, count: number): number {
  let at = -1;
  for (let seen = 0; seen < count; seen += 1) {
    at = bytes.indexOf(newline, at + 1);
    if (at < 0) return -1;
  }
  return at;
}

/** Number of the block that an offset is in. */
export function blockOf(offset: number): number {
  return Math.floor(offset / blockSize);
}
