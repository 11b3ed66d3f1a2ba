import * as z from 'zod';

/** Byte strings as they come out of a decoder; zod's own `instanceof` would pin the kind of buffer. */
export function bytesWhere(check: (length: number) => boolean, message: string) {
  return z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && check(value.byteLength),
    message,
  );
}

export function exactBytes(length: number) {
  return bytesWhere((actual) => actual === length, `not ${length} bytes`);
}

export function bytesUpTo(limit: number) {
  return bytesWhere((actual) => actual <= limit, `more than ${limit} bytes`);
}
