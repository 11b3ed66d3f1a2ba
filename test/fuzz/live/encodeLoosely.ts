import { encode } from 'cborg';

/** CBOR of a value that was changed at random; of what cannot be said in it, null. */
export function encodeLoosely(value: unknown): Uint8Array {
  try {
    return encode(value);
  } catch {
    return encode(null);
  }
}
