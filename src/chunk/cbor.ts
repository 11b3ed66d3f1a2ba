import { decode, decodeFirst, encode, Token, Tokenizer, Type, type DecodeOptions } from 'cborg';
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

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Bytes before the text, by the five bits that say how long its length is. */
const headBytes = [2, 3, 5, 9];

/** Text is what its bytes say: the library drops a mark of byte order at its start, and reads what is no UTF-8. */
export class TextTokenizer extends Tokenizer {
  override next(): Token {
    const start = this.pos();
    const token = super.next();
    if (token.type !== Type.string) return token;
    const head = headBytes[((this.data[start] ?? 0) & 31) - 24] ?? 1;
    const text = this.data.subarray(start + head, this.pos());
    const plain = String(token.value);
    // One unit a byte is ASCII, but for what stands in for a single wrong byte.
    if (plain.length === text.byteLength && !plain.includes('\ufffd')) return token;
    return new Token(Type.string, utf8.decode(text), token.encodedLength);
  }
}

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
  return checked(bytes, schema, () => decode(bytes, optionsFor(bytes)));
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

/** Of a Buffer, byte strings would be views instead of copies. */
function optionsFor({ buffer, byteOffset, byteLength }: Uint8Array): DecodeOptions {
  const plain = new Uint8Array(buffer, byteOffset, byteLength);
  return { ...strictCbor, tokenizer: new TextTokenizer(plain, strictCbor) };
}

function readFirst(bytes: Uint8Array): [item: unknown, size: number] {
  try {
    const [item, rest] = decodeFirst(bytes, optionsFor(bytes)) as [unknown, Uint8Array];
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
