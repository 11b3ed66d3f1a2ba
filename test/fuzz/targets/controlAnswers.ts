import assert from 'node:assert/strict';
import { ResponseError } from 'vscode-jsonrpc/node';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import { PeerError } from '../../../src/common/errors.js';
import { unpackPage } from '../../../src/control/listPage.js';
import {
  fromResponseError,
  helloParams,
  helloResult,
  proveParams,
} from '../../../src/control/wire.js';
import { decodeLoosely } from '../decodeLoosely.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

/** CBOR of what comes over the control channel beside parameters: the greeting, errors, pages of the list. */
export const controlAnswers: FuzzTarget = {
  name: 'control-answers',
  seeds: () =>
    [
      {
        nonce: 'ab'.repeat(16),
        min: 1,
        max: 1,
        proof: 'cd'.repeat(32),
        version: 1,
        peerVersion: '1',
      },
      { code: 'not-found', message: 'No.', hint: 'Look.', details: { a: 1 } },
      {
        rows: [['x', null, 7, 3, 1000, 2, 2, 0, 1, 'a1']],
        authors: { 3: { nodeId: 'n', name: 'a' } },
        cursor: null,
      },
    ].map((answer) => encodeCbor(answer)),
  run: (input) => {
    const value = decodeLoosely(input);
    for (const schema of [helloParams, helloResult, proveParams]) schema.safeParse(value);
    assert.ok(PeerError.is(fromResponseError(new ResponseError(1, 'x', value))));
    unlessRefused(['protocol'], () => unpackPage(value));
  },
};
