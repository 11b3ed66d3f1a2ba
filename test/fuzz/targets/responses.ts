import assert from 'node:assert/strict';
import { decodeResponse, encodeMessage } from '../../../src/protocol/messages.js';
import * as samples from '../../protocol/samples.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

const bodies = [new Uint8Array(0), Uint8Array.of(1)];

/** The first byte says what was asked. */
export const responses: FuzzTarget = {
  name: 'responses',
  head: 1,
  seeds: () =>
    samples.requestNames.map((name, index) =>
      Buffer.concat([Buffer.of(index), encodeMessage(samples.responses[name])]),
    ),
  run: (input) => {
    const names = samples.requestNames;
    const name = names[(input[0] ?? 0) % names.length] ?? 'ping';
    for (const body of bodies) {
      const read = (bytes: Uint8Array) => decodeResponse(name, bytes, body);
      const message = unlessRefused(['protocol', 'limit'], () => read(input.subarray(1)));
      if (message !== undefined) assert.deepEqual(read(encodeMessage(message)), message);
    }
  },
};
