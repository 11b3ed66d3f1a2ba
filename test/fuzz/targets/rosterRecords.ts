import assert from 'node:assert/strict';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import { splitSigned } from '../../../src/chunk/signed.js';
import { decodeRecord, maxRecordBytes, verifyRecord } from '../../../src/protocol/records.js';
import { Actor } from '../../peer/support/actor.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

const founder = new Actor('Ada');
const member = new Actor('Grace');
const genesis = founder.genesis();

export const rosterRecords: FuzzTarget = {
  name: 'roster-records',
  seeds: () =>
    [
      genesis,
      founder.admit(genesis.id, member, 'admin'),
      founder.grant(genesis.id, member, new Uint8Array(32)),
    ].map(({ bytes }) => bytes),
  run: (input) => {
    const record = unlessRefused(['protocol', 'limit'], () => decodeRecord(input));
    if (record === undefined) return;
    assert.deepEqual(
      encodeCbor(record.body),
      new Uint8Array(splitSigned(input, maxRecordBytes).body),
    );
    if (verifyRecord(record, founder.spki)) assert.deepEqual(record.body.signer, founder.id);
  },
};
