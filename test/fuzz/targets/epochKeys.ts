import assert from 'node:assert/strict';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import { unwrapEpochKey, wrapEpochKey } from '../../../src/peer/membership/epochKeys.js';
import { newIdentity } from '../../net/identities.js';
import { counting } from '../../chunk/expect.js';
import { decodeLoosely } from '../decodeLoosely.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

const own = await newIdentity();
const groupId = counting(32);
const key = counting(32, 5);

/** CBOR `[epoch, ephemeral, wrapped]`: a grant of an admin who lies. */
export const epochKeys: FuzzTarget = {
  name: 'epoch-keys',
  seeds: () => {
    const { epoch, ephemeral, wrapped } = wrapEpochKey(key, groupId, own.ecdhPublic);
    return [encodeCbor([epoch, ephemeral, wrapped].map((bytes) => new Uint8Array(bytes)))];
  },
  run: (input) => {
    const list = decodeLoosely(input);
    const parts = (Array.isArray(list) ? list : []).filter((part) => part instanceof Uint8Array);
    const [epoch, ephemeral, wrapped] = parts;
    if (epoch === undefined || ephemeral === undefined || wrapped === undefined) return;
    const opened = unlessRefused(['integrity'], () =>
      unwrapEpochKey({ epoch, ephemeral, wrapped }, groupId, own.ecdhPublic, own.agree),
    );
    if (opened !== undefined) assert.deepEqual(new Uint8Array(opened), key);
    unlessRefused(['protocol'], () => wrapEpochKey(key, groupId, ephemeral));
  },
};
