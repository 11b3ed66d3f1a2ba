import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { PeerError, type ErrorCode } from '../../src/common/errors.js';

export function throwsCode(work: () => unknown, ...codes: ErrorCode[]): void {
  assert.throws(work, (error) => PeerError.is(error, ...codes));
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `length` bytes counting up from `first`: recognisable in a dump. */
export function counting(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => first + index);
}

/** Bytes that look random and are the same in every run. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Changes every `step`th byte of `bytes` in turn, in place. */
export function forEachFlip(bytes: Uint8Array, visit: (at: number) => void, step = 1): void {
  for (let at = 0; at < bytes.byteLength; at += step) {
    const kept = bytes[at] ?? 0;
    bytes[at] = kept ^ (1 << (at % 8));
    visit(at);
    bytes[at] = kept;
  }
}
