import type { PeekMode, PeekRow } from './messages.js';
import { Blocks, blockSize } from './blocks.js';
import { hexRow, hexRowOf, hexOffset, textRow, type Hit } from './drawRows.js';
import { blockOf, countLineEnds, findLineEnd, LineIndex } from './lineIndex.js';
import type { RangeSource } from './rangeSource.js';
import { findForward, inOrder, type Pattern } from './search.js';
import { rowsBefore, rowsFrom, rowStart, type Span } from './textRows.js';

/** What one screen shows. Offsets are bytes from the start of the file. */
export interface Screen {
  readonly rows: readonly PeekRow[];
  readonly top: number;
  /** Behind the last row. */
  readonly end: number;
}

/** How far something is that goes through a file: the offset up to which it has come. */
export type OnProgress = (offset: number) => void;

/** Rows in front of what was found: it is read in its surroundings. */
const rowsAbove = 3;

/**
 * A file of any size as rows of text or bytes, of which only what is looked at is read. Knows nothing of the editor. All
 * methods throw `PeerError`: what reading throws, and `cancelled`.
 */
export class PeekModel {
  readonly #blocks: Blocks;
  readonly #lines = new LineIndex();
  #hit: Hit | null = null;

  /** @param formatCount how the number of a line is written */
  constructor(
    source: RangeSource,
    private readonly formatCount: (count: number) => string,
  ) {
    this.#blocks = new Blocks(source, (index, bytes) => {
      this.#lines.saw(index, bytes);
    });
  }

  get size(): number {
    return this.#blocks.size;
  }

  /** What was found last. */
  get hit(): Hit | null {
    return this.#hit;
  }

  /** The screen whose first row has the byte at `at`. */
  async show(mode: PeekMode, at: number, rows: number, signal: AbortSignal): Promise<Screen> {
    if (mode === 'hex') return await this.#hex(at - (at % hexRow), rows, signal);
    return await this.#text(await rowStart(this.#blocks, at, signal), rows, signal);
  }

  /** The screen `by` rows below, or above, that whose first row starts at `top`. The last row stays in sight. */
  async move(
    mode: PeekMode,
    top: number,
    by: number,
    rows: number,
    signal: AbortSignal,
  ): Promise<Screen> {
    if (mode === 'hex') return await this.#hex(top - (top % hexRow) + by * hexRow, rows, signal);
    if (by < 0) {
      const [first] = await rowsBefore(this.#blocks, top, -by, signal);
      return await this.#text(first?.start ?? 0, rows, signal);
    }
    const below = await rowsFrom(this.#blocks, top, by + 1, signal);
    return await this.#text(below.at(-1)?.start ?? top, rows, signal);
  }

  /** The screen that ends with the file. */
  async tail(mode: PeekMode, rows: number, signal: AbortSignal): Promise<Screen> {
    if (mode === 'hex') {
      const last = Math.ceil(this.size / hexRow) * hexRow;
      return await this.#hex(last - rows * hexRow, rows, signal);
    }
    const [first] = await rowsBefore(this.#blocks, this.size, rows, signal);
    return await this.#text(first?.start ?? 0, rows, signal);
  }

  /** Looks for the pattern from `from` on to the end, and remembers where it is. @returns null when it is nowhere there */
  async find(
    pattern: Pattern,
    from: number,
    signal: AbortSignal,
    onProgress: OnProgress,
  ): Promise<Hit | null> {
    this.#hit = await findForward(this.#blocks, pattern, from, signal, onProgress);
    return this.#hit;
  }

  /** The screen around what was found. */
  async showHit(mode: PeekMode, hit: Hit, rows: number, signal: AbortSignal): Promise<Screen> {
    const above = Math.min(rowsAbove, Math.floor(rows / 2));
    if (mode === 'hex') {
      return await this.#hex(hit.start - (hit.start % hexRow) - above * hexRow, rows, signal);
    }
    const start = await rowStart(this.#blocks, hit.start, signal);
    const [first] = await rowsBefore(this.#blocks, start, above, signal);
    return await this.#text(first?.start ?? start, rows, signal);
  }

  /**
   * Where a line starts, counted from 1. Goes on counting where it is not known yet, from the start or from what was seen.
   *
   * @returns null when the file has fewer lines, or more bytes than lines are counted in
   */
  async lineStart(
    line: number,
    signal: AbortSignal,
    onProgress: OnProgress,
  ): Promise<number | null> {
    if (line <= 1) return 0;
    const lineEnds = line - 1;
    if (this.#lines.lineEnds < lineEnds) await this.#count(lineEnds, signal, onProgress);
    const block = this.#lines.blockOfLineEnd(lineEnds);
    if (block === undefined) return null;
    const bytes = await this.#block(block, signal);
    const at = findLineEnd(bytes, lineEnds - (this.#lines.before(block) ?? 0));
    const start = block * blockSize + at + 1;
    return at < 0 || start >= this.size ? null : start;
  }

  async #count(lineEnds: number, signal: AbortSignal, onProgress: OnProgress): Promise<void> {
    for await (const { offset, bytes } of inOrder(this.#blocks, this.#lines.counted, signal)) {
      if (this.#lines.lineEnds >= lineEnds || this.#lines.full) return;
      onProgress(offset + bytes.byteLength);
    }
  }

  async #hex(start: number, rows: number, signal: AbortSignal): Promise<Screen> {
    const lastRow = Math.max(0, Math.ceil(this.size / hexRow) - 1) * hexRow;
    const top = Math.min(lastRow, Math.max(0, start));
    const bytes = await this.#blocks.bytes(top, top + rows * hexRow, signal);
    const drawn: PeekRow[] = [];
    for (let at = 0; at < bytes.byteLength; at += hexRow) {
      drawn.push(hexRowOf(top + at, bytes.subarray(at, at + hexRow), this.#hit));
    }
    return { rows: drawn, top, end: top + bytes.byteLength };
  }

  async #text(top: number, rows: number, signal: AbortSignal): Promise<Screen> {
    const spans = await rowsFrom(this.#blocks, top, rows, signal);
    const end = spans.at(-1)?.end ?? top;
    const bytes = await this.#blocks.bytes(top, end, signal);
    let line = await this.#lineAt(top, signal);
    const drawn: PeekRow[] = [];
    for (const span of spans) {
      const own = bytes.subarray(span.start - top, span.end - top);
      drawn.push(textRow(span, own, this.#label(span, line), this.#hit));
      if (line !== null) line += countLineEnds(own);
    }
    return { rows: drawn, top, end };
  }

  /** Number of the line that the byte at `offset` is in, counted from 1; null where that is not known. */
  async #lineAt(offset: number, signal: AbortSignal): Promise<number | null> {
    const block = blockOf(offset);
    const before = this.#lines.before(block);
    if (before === undefined) return null;
    const bytes = await this.#blocks.bytes(block * blockSize, offset, signal);
    return before + countLineEnds(bytes) + 1;
  }

  #block(index: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#blocks.bytes(index * blockSize, (index + 1) * blockSize, signal);
  }

  #label(span: Span, line: number | null): string {
    if (line === null) return hexOffset(span.start);
    return span.continues ? '' : this.formatCount(line);
  }
}
