import assert from 'node:assert/strict';
import { decodeRequest, encodeMessage } from '../../../src/protocol/messages.js';
import * as samples from '../../protocol/samples.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

const bodies = [new Uint8Array(0), Uint8Array.of(1)];

export const requests: FuzzTarget = {
  name: 'requests',
  seeds: () => samples.requestNames.map((name) => encodeMessage(samples.requests[name])),
  run: (input) => {
    for (const body of bodies) {
      const message = unlessRefused(['protocol', 'limit', 'unsupported'], () =>
        decodeRequest(input, body),
      );
      if (message === undefined) continue;
      assert.deepEqual(decodeRequest(encodeMessage(message), body), message);
    }
  },
};
