import { decode, decodeFirst, encode } from 'cborg';
import type { z } from 'zod';
import { equalBytes } from '../common/bytes.js';
import { PeerError } from '../common/errors.js';

/** Options of a decoder that takes one encoding of a value only, as far as the library can tell. */
export const strictCbor = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
  allowNaN: false,
  allowInfinity: false,
  rejectDuplicateMapKeys: true,
} as const;

/** Canonical CBOR: shortest integers and lengths, keys of maps by length, then bytewise. */
export function encodeCbor(value: unknown): Uint8Array {
  return new Uint8Array(encode(value));
}

/**
 * Decodes what has exactly one encoding: no indefinite lengths, tags, duplicates, bytes at the end.
 * What is signed or hashed by its bytes cannot be said in two ways.
 *
 * @throws PeerError `limit` above `maxBytes`, `protocol` otherwise
 */
export function decodeCbor<T>(bytes: Uint8Array, schema: z.ZodType<T>, maxBytes: number): T {
  if (bytes.byteLength > maxBytes) throw new PeerError('limit', 'A structure is too large.');
  return checked(bytes, schema, () => decode(bytes, strictCbor));
}

/** The first item of a sequence, and how many bytes it takes. Bounds and errors as above. */
export function decodeFirstCbor<T>(
  bytes: Uint8Array,
  schema: z.ZodType<T>,
  maxBytes: number,
): { readonly value: T; readonly size: number } {
  const head = bytes.subarray(0, maxBytes);
  const [item, size] = readFirst(head);
  return { value: checked(head.subarray(0, size), schema, () => item), size };
}

function readFirst(bytes: Uint8Array): [item: unknown, size: number] {
  try {
    const [item, rest] = decodeFirst(bytes, strictCbor) as [unknown, Uint8Array];
    return [item, bytes.byteLength - rest.byteLength];
  } catch (cause) {
    throw new PeerError('protocol', 'A sequence is malformed, or an item too large.', { cause });
  }
}

function checked<T>(bytes: Uint8Array, schema: z.ZodType<T>, read: () => unknown): T {
  let value: unknown;
  let canonical: Uint8Array;
  try {
    value = read();
    canonical = encode(value);
  } catch (cause) {
    throw new PeerError('protocol', 'A structure is malformed.', { cause });
  }
  if (!equalBytes(canonical, bytes)) {
    throw new PeerError('protocol', 'A structure is not in its canonical form.');
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new PeerError('protocol', 'A structure has the wrong shape.', { cause: result.error });
  }
  return result.data;
}
