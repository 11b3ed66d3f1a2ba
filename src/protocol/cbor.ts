import { decode, encode, Type, type Token } from 'cborg';
import { strictCbor, TextTokenizer } from '../chunk/cbor.js';
import { PeerError } from '../common/errors.js';
import { messageLimits } from './limits.js';

/** What a decoded message consists of. */
export type Plain =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/** Refuses what the protocol never uses, and bounds depth and count before the values are built. */
class BoundedTokenizer extends TextTokenizer {
  /** Values that each open array or map still waits for, outermost first. */
  readonly #open: number[] = [];
  #items = 0;

  override next(): Token {
    const token = super.next();
    const { major } = token.type;
    if (major === Type.tag.major || token.type.name === 'float')
      throw new TypeError('refused type');
    this.#items += 1;
    if (this.#items > messageLimits.items) throw new RangeError('too many values');
    while (this.#open.at(-1) === 0) this.#open.pop();
    const last = this.#open.length - 1;
    if (last >= 0) this.#open[last] = (this.#open[last] ?? 1) - 1;
    if (major === Type.array.major || major === Type.map.major) {
      const count = Number(token.value) * (major === Type.map.major ? 2 : 1);
      if (count > messageLimits.items) throw new RangeError('too many values');
      this.#open.push(count);
      if (this.#open.length > messageLimits.depth) throw new RangeError('nested too deep');
    }
    return token;
  }
}

/**
 * Reads one CBOR value: definite lengths and shortest integers only; no tags, floats, `undefined` or
 * repeated keys. Byte strings are copies.
 *
 * @throws {PeerError} `protocol`
 */
export function decodeCbor(bytes: Uint8Array): unknown {
  try {
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const tokenizer = new BoundedTokenizer(plain, strictCbor);
    return decode(plain, { ...strictCbor, tokenizer }) as unknown;
  } catch (cause) {
    throw new PeerError('protocol', 'A message is not valid CBOR.', { cause });
  }
}

/** The one encoding of a value that {@link decodeCbor} accepts; keys in the order of RFC 8949's length-first sorting. */
export function encodeCbor(value: Plain): Uint8Array {
  return encode(value);
}
