import { visible } from '../../common/visible.js';
import type { Part, PeekRow } from './messages.js';
import type { Span } from './textRows.js';

/** Bytes that a search found: `start` to `end` (exclusive), offsets in the file. */
export interface Hit {
  readonly start: number;
  readonly end: number;
}

/** Bytes of a row of the hex view. */
export const hexRow = 16;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const newline = 0x0a;

/**
 * A row of text. What is no UTF-8 shows as the replacement character, control characters as their pictures: a carriage
 * return in front of a line end is seen.
 *
 * @param bytes of the whole span
 */
export function textRow(span: Span, bytes: Uint8Array, label: string, hit: Hit | null): PeekRow {
  const length = bytes.at(-1) === newline ? bytes.byteLength - 1 : bytes.byteLength;
  const parts = cutAt(hit, span.start, length).map(({ from, to, hit: isHit }): Part => {
    return { text: shown(decoder.decode(bytes.subarray(from, to))), hit: isHit };
  });
  return { at: span.start, label, parts, characters: null };
}

/** A row of {@link hexRow} bytes or fewer. */
export function hexRowOf(at: number, bytes: Uint8Array, hit: Hit | null): PeekRow {
  const runs = cutAt(hit, at, bytes.byteLength);
  return {
    at,
    label: hexOffset(at),
    parts: runs.map(({ from, to, hit: isHit }) => {
      const digits = Array.from(bytes.subarray(from, to), (byte) =>
        byte.toString(16).padStart(2, '0'),
      );
      // The space between two runs belongs to the one in front.
      return { text: digits.join(' ') + (to < bytes.byteLength ? ' ' : ''), hit: isHit };
    }),
    characters: runs.map(({ from, to, hit: isHit }) => {
      const text = Array.from(bytes.subarray(from, to), printable).join('');
      return { text, hit: isHit };
    }),
  };
}

/** An offset as programmers read it: at least eight digits. */
export function hexOffset(offset: number): string {
  return offset.toString(16).padStart(8, '0');
}

/** A row in runs: what lies in the hit, and what does not. Positions are those in the row. */
function cutAt(
  hit: Hit | null,
  start: number,
  length: number,
): { readonly from: number; readonly to: number; readonly hit: boolean }[] {
  const from = Math.min(length, Math.max(0, (hit?.start ?? 0) - start));
  const to = Math.min(length, Math.max(0, (hit?.end ?? 0) - start));
  if (hit === null || from >= to) return [{ from: 0, to: length, hit: false }];
  const runs = [
    { from: 0, to: from, hit: false },
    { from, to, hit: true },
    { from: to, to: length, hit: false },
  ];
  return runs.filter((run) => run.from < run.to);
}

/** Controls as their pictures, and what hides or turns text as an escape; tabs stay. */
function shown(text: string): string {
  const pictured = text.replace(/[\0-\x08\x0a-\x1f\x7f]/g, (control) =>
    control === '\x7f' ? '\u2421' : String.fromCharCode(0x2400 + control.charCodeAt(0)),
  );
  return pictured.split('\t').map(visible).join('\t');
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
}
