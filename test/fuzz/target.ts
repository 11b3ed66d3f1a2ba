import { PeerError, type ErrorCode } from '../../src/common/errors.js';

/** Something that reads bytes of others. */
export interface FuzzTarget {
  /** As on the command line, and of its folder of regressions. */
  readonly name: string;
  /** Sound inputs: mutation starts from these. */
  seeds(): readonly Uint8Array[];
  /** Raw bytes before the CBOR that an input is: they choose what is done with it. */
  readonly head?: number;
  /** Longest input, bytes: 4,096 unless told. */
  readonly maxBytes?: number;
  /** Reads an input. Whatever it throws is a finding. */
  run(input: Uint8Array): void | Promise<void>;
}

/** What `read` answers; undefined when it refuses with one of these codes. Any other error is a finding. */
export function unlessRefused<T>(codes: readonly ErrorCode[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (PeerError.is(error, ...codes)) return undefined;
    throw error;
  }
}
