import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, it } from 'mocha';
import { encodeCbor } from '../../src/chunk/cbor.js';
import { PeerError } from '../../src/common/errors.js';
import {
  decodeRecord,
  maxRecordBytes,
  signRecord,
  verifyRecord,
  type RecordBody,
} from '../../src/protocol/records.js';
import { counting } from './samples.js';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
const signer = new Uint8Array(createHash('sha256').update(spki).digest());
const signWith = (data: Uint8Array): Uint8Array =>
  new Uint8Array(sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }));

const place = { v: 1, signer, seq: 3, prev: counting(32, 7) } as const;
const group = counting(32);
const member = counting(32, 1);
const keys = { spki, ecdh: counting(65) };

/** One of each kind. */
const bodies: Readonly<Record<RecordBody['t'], RecordBody>> = {
  genesis: {
    ...{ ...place, seq: 0, prev: null, t: 'genesis' },
    ...{ name: 'team', nonce: counting(16), founder: 'Ada', ...keys },
  },
  admit: { ...place, t: 'admit', group, name: 'Bob', role: 'storage', ...keys },
  grant: {
    ...{ ...place, t: 'grant', group, member },
    ...{ epoch: counting(32, 2), ephemeral: counting(65), wrapped: counting(60) },
  },
  remove: { ...place, t: 'remove', group, member, last: counting(32, 3) },
  lost: { ...place, t: 'lost', group, member },
};

describe('roster records', () => {
  for (const [kind, body] of Object.entries(bodies)) {
    it(`of kind ${kind} are read as they were signed, by whom they name`, () => {
      const made = signRecord(body, signWith);
      const read = decodeRecord(made.bytes);
      assert.deepEqual(read.body, body);
      assert.equal(read.id, made.id);
      assert.equal(read.id, createHash('sha256').update(encodeCbor(body)).digest('hex'));
      assert.ok(verifyRecord(read, spki));
      assert.ok(made.bytes.byteLength <= maxRecordBytes);
      const other = signRecord({ ...body, signer: member }, signWith);
      assert.ok(!verifyRecord(other, spki));
    });
  }

  it('name no last record of a member that signed none', () => {
    const body: RecordBody = { ...place, t: 'remove', group, member, last: null };
    assert.deepEqual(decodeRecord(signRecord(body, signWith).bytes).body, body);
  });

  it('stand at a place of a chain: the first after nothing, all others after one', () => {
    for (const wrong of [
      { ...bodies.lost, seq: 0 },
      { ...bodies.lost, prev: null },
      { ...bodies.lost, seq: -1 },
    ]) {
      assert.throws(() => signRecord(wrong, signWith));
    }
  });

  it('are refused with fields that do not belong there, missing ones, and unknown kinds', () => {
    for (const wrong of [
      { ...bodies.lost, last: null },
      { ...place, t: 'lost', group },
      { ...bodies.admit, role: 'king' },
      { ...bodies.lost, t: 'crown' },
    ]) {
      const signature = signWith(
        Buffer.concat([Buffer.from('chunk-partitioner/1/roster-record\0'), encodeCbor(wrong)]),
      );
      assert.throws(
        () => decodeRecord(encodeCbor([encodeCbor(wrong), signature])),
        (error) => PeerError.is(error, 'protocol'),
      );
    }
  });
});
