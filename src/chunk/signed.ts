/**
 * Signed structures: CBOR `[body, signature]`. The signature is ECDSA P-256 with SHA-256 over
 * domain ‖ body, r ‖ s of 32 bytes each. Only the lower one of the two values of s is valid, so that
 * nobody but the signer can say the same in other bytes.
 */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { concatBytes, equalBytes } from '../common/bytes.js';
import { PeerError } from '../common/errors.js';
import { bytesUpTo, exactBytes } from '../common/schema.js';
import { decodeCbor, encodeCbor } from './cbor.js';

/** Signs data by ECDSA P-256 with SHA-256; answers r ‖ s, 64 bytes (`dsaEncoding: 'ieee-p1363'`). */
export type SignFunction = (data: Uint8Array) => Uint8Array;

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

export function signBody(domain: Uint8Array, body: Uint8Array, sign: SignFunction): Uint8Array {
  const signature = lowS(sign(concatBytes(domain, body)));
  return encodeCbor([body, signature]);
}

/** Body and signature; nothing is verified. @throws PeerError `limit`, `protocol` */
export function splitSigned(
  bytes: Uint8Array,
  maxBytes: number,
): { readonly body: Uint8Array; readonly signature: Uint8Array } {
  const wire = z.tuple([bytesUpTo(maxBytes), exactBytes(64)]);
  const [body, signature] = decodeCbor(bytes, wire, maxBytes);
  return { body, signature };
}

/**
 * Whether the owner of `publicKey` (a key, or its SPKI in DER) signed this, and has the id `signerId`
 * (SHA-256 of the SPKI). Malformed bytes and keys are simply not signed.
 */
export function isSignedBy(
  bytes: Uint8Array,
  domain: Uint8Array,
  maxBytes: number,
  publicKey: KeyObject | Uint8Array,
  signerId: Uint8Array,
): boolean {
  try {
    const { body, signature } = splitSigned(bytes, maxBytes);
    const spki =
      publicKey instanceof Uint8Array
        ? publicKey
        : new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
    if (!equalBytes(createHash('sha256').update(spki).digest(), signerId)) return false;
    if (toInteger(signature.subarray(32)) > order / 2n) return false;
    const key =
      publicKey instanceof Uint8Array
        ? createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
        : publicKey;
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false;
    const options = { key, dsaEncoding: 'ieee-p1363' } as const;
    return verify('sha256', concatBytes(domain, body), options, signature);
  } catch {
    return false;
  }
}

function lowS(signature: Uint8Array): Uint8Array {
  if (signature.byteLength !== 64) {
    throw new PeerError('internal', 'A signature has to be r and s of 32 bytes each.');
  }
  const s = toInteger(signature.subarray(32));
  if (s <= order / 2n) return new Uint8Array(signature);
  const low = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex');
  return concatBytes(signature.subarray(0, 32), low);
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
