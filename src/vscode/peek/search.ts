import { blockSize, mostAtOnce, type Blocks } from './blocks.js';
import type { Hit } from './drawRows.js';

/** Longest pattern, bytes. */
export const longestPattern = 4096;

/** What to look for, as bytes. */
export interface Pattern {
  readonly bytes: Uint8Array;
  /** Whether A and a are the same; other letters are compared as they are. */
  readonly anyCase: boolean;
}

/** A piece of text, as UTF-8; undefined when it is empty or too long. */
export function textPattern(text: string, matchCase: boolean): Pattern | undefined {
  const bytes = Buffer.from(text, 'utf8');
  if (!isWithin(bytes)) return undefined;
  return matchCase ? { bytes, anyCase: false } : { bytes: folded(bytes), anyCase: true };
}

/** Bytes written as two hexadecimal digits each, with or without spaces; undefined when they are not. */
export function bytesPattern(text: string): Pattern | undefined {
  const digits = text.replace(/\s+|0x/gi, '');
  const bytes = /^([0-9a-f]{2})+$/i.test(digits) ? Buffer.from(digits, 'hex') : Buffer.alloc(0);
  return isWithin(bytes) ? { bytes, anyCase: false } : undefined;
}

/**
 * The first place from `from` on where the pattern is; null when it is nowhere from there to the end. A megabyte is in
 * memory at once, and the next on its way.
 *
 * @param onProgress told the offset up to which it was looked
 * @throws {PeerError} `cancelled`, and what reading throws
 */
export async function findForward(
  blocks: Blocks,
  pattern: Pattern,
  from: number,
  signal: AbortSignal,
  onProgress: (offset: number) => void = () => undefined,
): Promise<Hit | null> {
  const { bytes: wanted, anyCase } = pattern;
  let carried: Uint8Array = new Uint8Array(0);
  let skip = from % blockSize;
  for await (const { offset, bytes } of inOrder(blocks, Math.floor(from / blockSize), signal)) {
    const start = offset - carried.byteLength;
    // One loop over a megabyte: the tail of the part before goes in front, for what lies across.
    const window = Buffer.concat([carried, anyCase ? folded(bytes) : bytes]);
    const at = window.indexOf(wanted, skip);
    if (at >= 0) return { start: start + at, end: start + at + wanted.byteLength };
    // What lies in front of `from` is not looked at in the next part either.
    const keep = Math.min(
      wanted.byteLength - 1,
      window.byteLength - Math.min(skip, window.byteLength),
    );
    carried = window.subarray(window.byteLength - keep);
    skip = 0;
    onProgress(offset + bytes.byteLength);
  }
  return null;
}

/** The rest of a file, a megabyte at a time, each read while the one before is looked at. @throws {PeerError} */
export async function* inOrder(
  blocks: Blocks,
  firstBlock: number,
  signal: AbortSignal,
): AsyncGenerator<{ readonly offset: number; readonly bytes: Uint8Array }> {
  let at = firstBlock;
  let next = blocks.passing(at, mostAtOnce, signal);
  for (;;) {
    const bytes = await next;
    if (bytes.byteLength === 0) return;
    signal.throwIfAborted();
    const offset = at * blockSize;
    at += Math.ceil(bytes.byteLength / blockSize);
    next = blocks.passing(at, mostAtOnce, signal);
    next.catch(() => undefined); // whoever stops here does not wait for it
    yield { offset, bytes };
  }
}

function isWithin({ byteLength }: Uint8Array): boolean {
  return byteLength > 0 && byteLength <= longestPattern;
}

/** A copy with A to Z as a to z. */
function folded(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let at = 0; at < copy.byteLength; at += 1) {
    const byte = copy[at] ?? 0;
    if (byte >= 0x41 && byte <= 0x5a) copy[at] = byte + 0x20;
  }
  return copy;
}
