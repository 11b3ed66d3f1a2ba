import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeReceipt, encodeReceipt, MAX_ROUNDS, signReceipt } from '../../src/chunk/receipt.js';
import {
  decodeRelease,
  encodeRelease,
  signRelease,
  verifyReleaseBy,
  type Release,
} from '../../src/chunk/release.js';
import { signerKey } from '../../src/chunk/signed.js';
import { counting, forEachFlip, throwsCode } from './expect.js';
import { newSigner } from './signers.js';

const holder = newSigner();
const key =
  signerKey(new Uint8Array(holder.publicKey.export({ format: 'der', type: 'spki' }))) ??
  assert.fail();

const release: Release = {
  groupId: counting(32),
  shareId: counting(16, 32),
  shard: 5,
  holderId: counting(32, 96),
  round: 2,
};

describe('release', () => {
  it('has the bytes that FORMAT.md shows', () => {
    assert.equal(
      Buffer.from(encodeRelease(release)).toString('hex'),
      [
        'a66176016567726f75705820000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
        '65726f756e64026573686172640565736861726550202122232425262728292a2b2c2d2e2f',
        '66686f6c6465725820606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f',
      ].join(''),
    );
  });

  it('is believed when its holder signed it, and after no change of any byte', async () => {
    const own = { ...release, holderId: holder.id };
    const wire = signRelease(own, holder.sign);
    assert.deepEqual(decodeRelease(wire), own);
    assert.ok(await verifyReleaseBy(wire, own, key));
    assert.ok(!(await verifyReleaseBy(wire, release, key)), 'another holder');
    const broken: Promise<boolean>[] = [];
    forEachFlip(wire, () => broken.push(verifyReleaseBy(wire.slice(), own, key)), 7);
    assert.ok(!(await Promise.all(broken)).includes(true));
  });

  it('round-trips within its bounds, and is refused beyond them', () => {
    fc.assert(
      fc.property(fc.nat(254), fc.nat(MAX_ROUNDS), (shard, round) => {
        const own = { ...release, shard, round };
        assert.deepEqual(decodeRelease(signRelease(own, holder.sign)), own);
      }),
      { numRuns: 30 },
    );
    for (const wrong of [{ shard: 255 }, { round: -1 }, { round: MAX_ROUNDS + 1 }]) {
      throwsCode(() => encodeRelease({ ...release, ...wrong }), 'protocol');
    }
  });
});

describe('a receipt of a later round', () => {
  const receipt = { ...release, segments: 1, root: counting(32, 64), at: 7 };

  it('says so; one of the first is as it always was', () => {
    assert.equal(decodeReceipt(signReceipt(receipt, holder.sign)).round, 2);
    const { round, ...first } = receipt;
    assert.equal(decodeReceipt(signReceipt(first, holder.sign)).round, undefined);
    assert.ok(round > 0);
    // There is one way only to say that it is the first.
    throwsCode(() => encodeReceipt({ ...receipt, round: 0 }), 'protocol');
    throwsCode(() => encodeReceipt({ ...receipt, round: MAX_ROUNDS + 1 }), 'protocol');
  });
});
