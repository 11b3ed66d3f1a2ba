import { decode } from 'cborg';

/** The value that an input stands for, for targets that read no bytes themselves; undefined when it stands for none. */
export function decodeLoosely(input: Uint8Array): unknown {
  try {
    return decode(input, { allowBigInt: false });
  } catch {
    return undefined;
  }
}
