import assert from 'node:assert/strict';
import {
  decodeReceipt,
  encodeReceipt,
  signReceipt,
  verifyReceipt,
} from '../../../src/chunk/receipt.js';
import { splitSigned } from '../../../src/chunk/signed.js';
import { counting } from '../../chunk/expect.js';
import { newSigner } from '../../chunk/signers.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

const holder = newSigner();

export const receipt: FuzzTarget = {
  name: 'receipt',
  seeds: () => [
    signReceipt(
      {
        ...{ groupId: counting(32), shareId: counting(16, 32), shard: 5, segments: 70_000 },
        ...{ root: counting(32, 64), holderId: holder.id, at: 1_790_000_000_000 },
      },
      holder.sign,
    ),
  ],
  run: (input) => {
    const read = unlessRefused(['protocol', 'limit'], () => decodeReceipt(input));
    if (read === undefined) return;
    const { body } = splitSigned(input, input.byteLength);
    assert.deepEqual(Buffer.from(encodeReceipt(read)), Buffer.from(body));
    if (verifyReceipt(input, holder.spki)) assert.deepEqual(read.holderId, holder.id);
  },
};
