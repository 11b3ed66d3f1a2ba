import assert from 'node:assert/strict';
import fc from 'fast-check';
import { newShareId } from '../../src/chunk/shareId.js';
import {
  decodeTombstone,
  encodeTombstone,
  signTombstone,
  verifyTombstone,
  type Tombstone,
} from '../../src/chunk/tombstone.js';
import { counting, forEachFlip, throwsCode } from './expect.js';
import { newSigner } from './signers.js';

const signer = newSigner();
const groupId = counting(32);

/** By an admin: nothing in it says whose share it is. */
const golden: Tombstone = {
  groupId,
  shareId: counting(16, 32),
  signerId: counting(32, 96),
  random: null,
  at: 1_790_000_000_000,
};

/** By the author. */
function ownTombstone(): Tombstone {
  return { ...newShareId(groupId, signer.id), groupId, signerId: signer.id, at: 1 };
}

describe('tombstone', () => {
  it('keeps the bytes of format version 1', () => {
    assert.equal(
      Buffer.from(encodeTombstone(golden)).toString('hex'),
      [
        'a66176016261741b000001a0c4506c006567726f75705820000102030405060708090a0b0c0d0e0f',
        '101112131415161718191a1b1c1d1e1f65736861726550202122232425262728292a2b2c2d2e2f66',
        '72616e646f6df6667369676e65725820606162636465666768696a6b6c6d6e6f7071727374757677',
        '78797a7b7c7d7e7f',
      ].join(''),
    );
    const shareId = Buffer.from('6be2058e77cd8da87ca436977249fccc', 'hex');
    const authored = { shareId, random: counting(16) };
    assert.match(
      Buffer.from(encodeTombstone({ ...golden, ...authored })).toString('hex'),
      /6672616e646f6d50000102030405060708090a0b0c0d0e0f667369676e6572/,
    );
  });

  it('round-trips, with the proof of its author and without', () => {
    const any = fc.record({
      authored: fc.boolean(),
      at: fc.maxSafeNat(),
      shareId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    });
    fc.assert(
      fc.property(any, ({ authored, at, shareId }) => {
        const full = authored
          ? { ...ownTombstone(), at }
          : { ...golden, shareId, at, signerId: signer.id };
        const wire = signTombstone(full, signer.sign);
        assert.deepEqual(decodeTombstone(wire), full);
        assert.ok(verifyTombstone(wire, signer.publicKey));
      }),
      { numRuns: 30 },
    );
  });

  it('is nobody’s proof but the author’s', () => {
    const stranger = newSigner();
    const stolen = { ...ownTombstone(), signerId: stranger.id };
    throwsCode(() => signTombstone(stolen, stranger.sign), 'protocol');
    const elsewhere = { ...ownTombstone(), groupId: counting(32, 1) };
    throwsCode(() => signTombstone(elsewhere, signer.sign), 'protocol');
    const other = { ...ownTombstone(), random: counting(16) };
    throwsCode(() => signTombstone(other, signer.sign), 'protocol');
  });

  it('does not survive any changed byte, nor another signer', () => {
    const wire = signTombstone(ownTombstone(), signer.sign);
    forEachFlip(wire, (at) => {
      let believed: boolean;
      try {
        believed = verifyTombstone(wire, signer.spki);
      } catch {
        believed = false;
      }
      assert.ok(!believed, `byte ${at}`);
    });
    assert.ok(!verifyTombstone(wire, newSigner().spki));
    const forged = signTombstone(ownTombstone(), newSigner().sign);
    assert.ok(!verifyTombstone(forged, signer.spki));
  });

  it('refuses fields out of range and garbage', () => {
    const refused: Partial<Tombstone>[] = [
      { shareId: counting(15) },
      { groupId: counting(31) },
      { random: counting(15) },
      { at: -1 },
      { at: 0.5 },
    ];
    for (const change of refused) {
      throwsCode(() => encodeTombstone({ ...golden, ...change }), 'protocol');
    }
    throwsCode(() => decodeTombstone(new Uint8Array(513)), 'limit');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        throwsCode(() => decodeTombstone(bytes), 'protocol', 'limit');
      }),
    );
  });
});
