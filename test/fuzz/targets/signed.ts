import assert from 'node:assert/strict';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import {
  isSignedBy,
  isSignedByKey,
  signBody,
  signerKey,
  splitSigned,
} from '../../../src/chunk/signed.js';
import { newSigner } from '../../chunk/signers.js';
import { decodeLoosely } from '../decodeLoosely.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

const domain = Buffer.from('fuzz\0');
const maxBytes = 4096;
const signer = newSigner();
const body = encodeCbor({ v: 1 });
const whole = signBody(domain, body, signer.sign);

/** CBOR `[wire, key, signer id]`. */
export const signed: FuzzTarget = {
  name: 'signed',
  seeds: () => [encodeCbor([whole, signer.spki, signer.id])],
  run: async (input) => {
    const parts = unlessRefused(['protocol', 'limit'], () => splitSigned(input, maxBytes));
    if (parts !== undefined) {
      assert.deepEqual(encodeCbor([parts.body, parts.signature]), new Uint8Array(input));
    }
    const [wire, spki, id] = threeParts(input);
    const key = signerKey(spki);
    const one = isSignedBy(wire, domain, maxBytes, spki, id);
    const other = key !== null && (await isSignedByKey(wire, domain, maxBytes, key, id));
    assert.equal(one, other, 'on this thread, and in the pool');
    if (one && Buffer.compare(spki, signer.spki) === 0) {
      assert.deepEqual(Buffer.from(wire), Buffer.from(whole), 'nobody else signs');
    }
  },
};

function threeParts(input: Uint8Array): [Uint8Array, Uint8Array, Uint8Array] {
  const none = new Uint8Array(0);
  const list = decodeLoosely(input);
  const parts = Array.isArray(list) ? list : [];
  const [wire, spki, id] = [0, 1, 2].map((at) =>
    parts[at] instanceof Uint8Array ? parts[at] : none,
  );
  return [wire ?? none, spki ?? none, id ?? none];
}
