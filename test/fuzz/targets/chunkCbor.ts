import assert from 'node:assert/strict';
import * as z from 'zod';
import { decodeCbor, decodeFirstCbor, encodeCbor } from '../../../src/chunk/cbor.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

const maxBytes = 16 * 1024;

export const chunkCbor: FuzzTarget = {
  name: 'chunk-cbor',
  maxBytes: maxBytes + 10,
  seeds: () => [
    encodeCbor({ v: 1, a: [1, 'ü', null, true, -5, 2 ** 40], b: new Uint8Array(20) }),
    encodeCbor([encodeCbor({ v: 1 }), new Uint8Array(64)]),
  ],
  run: (input) => {
    const value = unlessRefused(['protocol', 'limit'], () =>
      decodeCbor(input, z.unknown(), maxBytes),
    );
    if (value !== undefined) assert.deepEqual(Buffer.from(encodeCbor(value)), Buffer.from(input));
    const first = unlessRefused(['protocol'], () => decodeFirstCbor(input, z.unknown(), maxBytes));
    if (first === undefined) return;
    assert.deepEqual(
      Buffer.from(encodeCbor(first.value)),
      Buffer.from(input.subarray(0, first.size)),
    );
  },
};
