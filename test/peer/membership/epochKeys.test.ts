import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { fromHex } from '../../../src/common/bytes.js';
import {
  epochName,
  newEpochKey,
  unwrapEpochKey,
  wrapEpochKey,
  type WrappedKey,
} from '../../../src/peer/membership/epochKeys.js';
import { Actor } from '../support/actor.js';
import { rejects } from '../support/rejects.js';

describe('epoch keys', () => {
  const group = fromHex('ab'.repeat(32));
  const key = newEpochKey();
  const member = new Actor('member');
  const wrapped = wrapEpochKey(key, group, member.ecdhPublic);
  const open = (what: WrappedKey, by = member, where = group): Uint8Array =>
    unwrapEpochKey(what, where, by.ecdhPublic, by.agree);

  it('open for the member they were wrapped to', () => {
    assert.deepEqual(Buffer.from(open(wrapped)), Buffer.from(key));
    assert.deepEqual(wrapped.epoch, epochName(key));
    assert.equal(wrapped.wrapped.byteLength, 60);
  });

  it('are wrapped differently each time', () => {
    assert.notDeepEqual(wrapEpochKey(key, group, member.ecdhPublic).wrapped, wrapped.wrapped);
  });

  it('open for nobody else, and in no other group', async () => {
    await rejects('integrity', () => open(wrapped, new Actor('other')));
    await rejects('integrity', () => open(wrapped, member, fromHex('ac'.repeat(32))));
  });

  it('do not open when anything was changed', async () => {
    for (const field of ['epoch', 'ephemeral', 'wrapped'] as const) {
      for (const at of [0, Math.floor(wrapped[field].byteLength / 2), wrapped[field].length - 1]) {
        const bytes = Uint8Array.from(wrapped[field]);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        await rejects('integrity', () => open({ ...wrapped, [field]: bytes }));
      }
    }
    await rejects('integrity', () =>
      open({ ...wrapped, wrapped: wrapped.wrapped.subarray(0, 56) }),
    );
  });

  it('are not wrapped to what is no point of the curve', async () => {
    await rejects('protocol', () => wrapEpochKey(key, group, new Uint8Array(65).fill(4)));
  });
});
