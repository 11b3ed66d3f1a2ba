import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodeReceipt,
  encodeReceipt,
  signReceipt,
  verifyReceipt,
  type Receipt,
} from '../../src/chunk/receipt.js';
import { counting, forEachFlip, throwsCode } from './expect.js';
import { newSigner } from './signers.js';

const holder = newSigner();

const receipt: Receipt = {
  groupId: counting(32),
  shareId: counting(16, 32),
  shard: 5,
  segments: 70_000,
  root: counting(32, 64),
  holderId: counting(32, 96),
  at: 1_790_000_000_000,
};

describe('receipt', () => {
  it('keeps the bytes of format version 1', () => {
    assert.equal(
      Buffer.from(encodeReceipt(receipt)).toString('hex'),
      [
        'a86176016261741b000001a0c4506c0064726f6f745820404142434445464748494a4b4c4d4e4f50',
        '5152535455565758595a5b5c5d5e5f6567726f75705820000102030405060708090a0b0c0d0e0f10',
        '1112131415161718191a1b1c1d1e1f6573686172640565736861726550202122232425262728292a',
        '2b2c2d2e2f66686f6c6465725820606162636465666768696a6b6c6d6e6f70717273747576777879',
        '7a7b7c7d7e7f687365676d656e74731a00011170',
      ].join(''),
    );
  });

  it('keeps believing a signature of format version 1', () => {
    const spki = Buffer.from(
      [
        '3059301306072a8648ce3d020106082a8648ce3d030107034200048aaff72942d9fdd8773302eec4',
        'c7a36cca9fdc54af7ee9da8f9f66f1adf05ce4375cd50fc0eaa009535f4884ce2a86c2fe20501645',
        '6d108ab1d1dda49daea256',
      ].join(''),
      'hex',
    );
    const wire = Buffer.from(
      [
        '8258b4a86176016261741b000001a0c4506c0064726f6f745820404142434445464748494a4b4c4d',
        '4e4f505152535455565758595a5b5c5d5e5f6567726f75705820000102030405060708090a0b0c0d',
        '0e0f101112131415161718191a1b1c1d1e1f65736861726405657368617265502021222324252627',
        '28292a2b2c2d2e2f66686f6c6465725820ba19db695c74e0871eca3d4a3c097dce29e06ee67329d0',
        'a8fa18ddb2abaf3af9687365676d656e74731a00011170584077d8987cd5e1f09c112d1f0e632e2a',
        'af945ed1369358a939ade16cedbad84cce621eba4099b633b3efc177a130045712d071756e295a5f',
        '85686b59deb45859a2',
      ].join(''),
      'hex',
    );
    assert.ok(verifyReceipt(wire, spki));
    assert.equal(decodeReceipt(wire).at, receipt.at);
  });

  it('round-trips', () => {
    const any = fc.record({
      groupId: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      shareId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      shard: fc.nat(254),
      segments: fc.integer({ min: 1, max: 2 ** 26 }),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      at: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(any, (fields) => {
        const full = { ...fields, holderId: holder.id };
        const wire = signReceipt(full, holder.sign);
        assert.deepEqual(decodeReceipt(wire), full);
        assert.ok(verifyReceipt(wire, holder.publicKey));
      }),
      { numRuns: 30 },
    );
  });

  it('does not survive any changed byte, nor another signer', () => {
    const wire = signReceipt({ ...receipt, holderId: holder.id }, holder.sign);
    forEachFlip(wire, (at) => {
      let believed: boolean;
      try {
        believed = verifyReceipt(wire, holder.spki);
      } catch {
        believed = false;
      }
      assert.ok(!believed, `byte ${at}`);
    });
    assert.ok(!verifyReceipt(wire, newSigner().spki));
    const stolen = signReceipt({ ...receipt, holderId: holder.id }, newSigner().sign);
    assert.ok(!verifyReceipt(stolen, holder.spki));
  });

  it('refuses fields out of range and garbage', () => {
    const refused: Partial<Receipt>[] = [
      { shard: -1 },
      { shard: 255 },
      { segments: 0 },
      { segments: 2 ** 26 + 1 },
      { root: counting(31) },
      { at: -1 },
    ];
    for (const change of refused) {
      throwsCode(() => encodeReceipt({ ...receipt, ...change }), 'protocol');
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        throwsCode(() => decodeReceipt(bytes), 'protocol', 'limit');
      }),
    );
  });
});
