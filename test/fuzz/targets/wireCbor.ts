import assert from 'node:assert/strict';
import { decodeCbor, encodeCbor, type Plain } from '../../../src/protocol/cbor.js';
import { encodeMessage } from '../../../src/protocol/messages.js';
import * as samples from '../../protocol/samples.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

export const wireCbor: FuzzTarget = {
  name: 'wire-cbor',
  maxBytes: 64 * 1024,
  seeds: () => [
    encodeMessage(samples.requests.hello),
    encodeMessage(samples.responses.sync),
    encodeCbor(Array<null>(16_383).fill(null)),
    encodeCbor([[[[[[[null]]]]]], { a: [true, -1, 'ü', 2 ** 40] }]),
  ],
  run: (input) => {
    const value = unlessRefused(['protocol'], () => decodeCbor(input));
    if (value === undefined) return;
    const again = encodeCbor(value as Plain);
    assert.deepEqual(decodeCbor(again), value);
    // All but the order of keys is settled.
    assert.equal(again.byteLength, input.byteLength);
  },
};
