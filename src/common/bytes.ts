/** Lower-case hexadecimal: how ids are used as keys in memory, in SQLite and over the control channel. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** @throws RangeError when the text is not hexadecimal. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || /[^0-9a-f]/.test(text)) throw new RangeError('not lower-case hex');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0;
}

/** Below this, a view of the target costs more than it saves. */
const fewBytes = 2048;

/**
 * Puts all of `source` into `target`, from byte `at` on. Where one of the two is shared between threads, `set` moves eight
 * bytes at a time; this moves them as anywhere else, five times as fast. Nobody else may be writing to either.
 *
 * @throws RangeError when it does not fit
 */
export function copyBytes(source: Uint8Array, target: Uint8Array, at = 0): void {
  const { byteLength } = source;
  if (byteLength < fewBytes) {
    target.set(source, at);
    return;
  }
  if (at + byteLength > target.byteLength) throw new RangeError('The target is too short.');
  Buffer.from(target.buffer, target.byteOffset + at, byteLength).fill(source);
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
