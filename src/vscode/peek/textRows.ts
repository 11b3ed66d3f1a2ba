import type { Blocks } from './blocks.js';

/** Where a row of the text view lies: a line with its end, or a part of a line that is too long. */
export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Whether it goes on with the line of the row before. */
  readonly continues: boolean;
}

/** Longest row, bytes without the line end: a line of a megabyte is a thousand rows. */
export const longestRow = 1024;

/** How far back a line start is looked for. */
const lookBack = 64 * 1024;

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Up to `count` rows from `top` on, which is where a row starts. @throws {PeerError} */
export async function rowsFrom(
  blocks: Blocks,
  top: number,
  count: number,
  signal: AbortSignal,
): Promise<Span[]> {
  const from = Math.max(0, top - 1);
  // Most lines are short: what the longest rows would take is read only where it is needed.
  for (let length = count * 128; ; length *= 4) {
    const bytes = await blocks.bytes(from, top + length, signal);
    const isEnd = from + bytes.byteLength >= blocks.size;
    const rows = layOut(bytes, from, top, isEnd).slice(0, count);
    if (rows.length === count || isEnd) return rows;
  }
}

/** Up to `count` rows that end where `top` is, in the order of the file. @throws {PeerError} */
export async function rowsBefore(
  blocks: Blocks,
  top: number,
  count: number,
  signal: AbortSignal,
): Promise<Span[]> {
  if (top <= 0 || count <= 0) return [];
  for (let length = Math.max(4096, count * 128); ; length *= 4) {
    const isEnough = length >= (count + 1) * longestRow;
    const from = Math.max(0, top - length);
    const bytes = await blocks.bytes(from, top, signal);
    const anchor = from === 0 ? 0 : anchorIn(bytes, from, top);
    if (anchor !== null || isEnough) {
      // Without a line start: rows of the full length, so that going up and down meets the same ones.
      const start = anchor ?? alignedStart(bytes, from, from + ((top - from) % longestRow));
      const rows = layOut(bytes, from, start, true);
      if (rows.length >= count || from === 0 || isEnough) return rows.slice(-count);
    }
  }
}

/** Where the row starts that has the byte at `offset`. @throws {PeerError} */
export async function rowStart(
  blocks: Blocks,
  offset: number,
  signal: AbortSignal,
): Promise<number> {
  const at = Math.min(offset, Math.max(0, blocks.size - 1));
  const from = Math.max(0, at - lookBack);
  const bytes = await blocks.bytes(from, at + longestRow, signal);
  const before = bytes.subarray(0, at - from);
  const line = before.lastIndexOf(newline);
  if (line < 0 && from > 0) {
    return alignedStart(bytes, from, Math.max(from, at - (at % longestRow)));
  }
  const start = from + line + 1;
  const rows = layOut(bytes, from, start, true);
  return rows.find(({ end }) => at < end)?.start ?? start;
}

/** A line start that is not the last one before `top`; null when there is none. */
function anchorIn(bytes: Uint8Array, from: number, top: number): number | null {
  const line = bytes.indexOf(newline);
  return line < 0 || from + line + 1 >= top ? null : from + line + 1;
}

/** The first place at or behind `offset` where a character starts, as far as can be seen. */
function alignedStart(bytes: Uint8Array, from: number, offset: number): number {
  let at = offset - from;
  for (let step = 0; step < 3 && isContinuation(bytes[at]); step += 1) at += 1;
  return from + (isContinuation(bytes[at]) ? offset - from : at);
}

/**
 * Cuts bytes into rows.
 *
 * @param from offset of the first byte, which may be that before `top`: it tells whether a line starts there
 * @param isEnd whether a row may end where the bytes end
 */
function layOut(bytes: Uint8Array, from: number, top: number, isEnd: boolean): Span[] {
  const rows: Span[] = [];
  let at = top - from;
  let continues = at > 0 ? bytes[at - 1] !== newline : from > 0;
  while (at < bytes.byteLength) {
    const line = bytes.indexOf(newline, at);
    const lineEnd = line < 0 ? bytes.byteLength : line + 1;
    const end = cut(bytes, at, lineEnd);
    if (end === bytes.byteLength && line < 0 && !isEnd) break;
    rows.push({ start: from + at, end: from + end, continues });
    continues = end !== lineEnd || line < 0;
    at = end;
  }
  return rows;
}

/** Where a row ends that starts at `at`: with its line, or before a character that is too much. */
function cut(bytes: Uint8Array, at: number, lineEnd: number): number {
  const most = at + longestRow;
  const ending = bytes[lineEnd - 1] !== newline ? 0 : bytes[lineEnd - 2] === carriageReturn ? 2 : 1;
  if (lineEnd - ending <= most) return lineEnd;
  let end = most;
  for (let step = 0; step < 3 && isContinuation(bytes[end]); step += 1) end -= 1;
  return isContinuation(bytes[end]) ? most : end;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
