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

/** A public key that is used again and again, parsed once. */
export interface SignerKey {
  readonly key: KeyObject;
  /** SHA-256 of the SPKI, 32 bytes. */
  readonly id: Uint8Array;
}

/** Null for what is not the SPKI of a P-256 key, in DER. */
export function signerKey(spki: Uint8Array): SignerKey | null {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return null;
    return { key, id: new Uint8Array(createHash('sha256').update(spki).digest()) };
  } catch {
    return null;
  }
}

/**
 * As {@link isSignedBy}; the signature is computed in libuv's pool, so that thousands of them leave the thread that
 * asks free for others.
 */
export async function isSignedByKey(
  bytes: Uint8Array,
  domain: Uint8Array,
  maxBytes: number,
  { key, id }: SignerKey,
  signerId: Uint8Array,
): Promise<boolean> {
  if (!equalBytes(id, signerId)) return false;
  try {
    const { body, signature } = splitSigned(bytes, maxBytes);
    if (!hasLowS(signature)) return false;
    return await new Promise((resolve) => {
      verify('sha256', concatBytes(domain, body), key, derOf(signature), (error, result) => {
        resolve(error === null && result);
      });
    });
  } catch {
    return false;
  }
}

/** Wire shapes by their bound: a schema costs more to make than to use. */
const wires = new Map<number, z.ZodType<[Uint8Array, Uint8Array]>>();

function wireUpTo(maxBytes: number): z.ZodType<[Uint8Array, Uint8Array]> {
  let wire = wires.get(maxBytes);
  if (wire === undefined) {
    wire = z.tuple([bytesUpTo(maxBytes), exactBytes(64)]);
    wires.set(maxBytes, wire);
  }
  return wire;
}

/** Body and signature; nothing is verified. @throws PeerError `limit`, `protocol` */
export function splitSigned(
  bytes: Uint8Array,
  maxBytes: number,
): { readonly body: Uint8Array; readonly signature: Uint8Array } {
  const [body, signature] = decodeCbor(bytes, wireUpTo(maxBytes), maxBytes);
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
    if (!hasLowS(signature)) return false;
    const key =
      publicKey instanceof Uint8Array
        ? createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
        : publicKey;
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false;
    return verify('sha256', concatBytes(domain, body), key, derOf(signature));
  } catch {
    return false;
  }
}

/** r ‖ s as DER: Node takes a third of the time of a verification to turn the one into the other. */
function derOf(signature: Uint8Array): Uint8Array {
  const r = derInteger(signature.subarray(0, 32));
  const s = derInteger(signature.subarray(32));
  return Buffer.concat([Buffer.from([0x30, r.byteLength + s.byteLength]), r, s]);
}

/** Shortest form: no zeros in front but the one that keeps it positive. */
function derInteger(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.byteLength - 1 && bytes[start] === 0) start++;
  const value = bytes.subarray(start);
  const sign = (value[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.concat([Buffer.from([0x02, value.byteLength + sign.length, ...sign]), value]);
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

/** The largest s that is valid. */
const half = Buffer.from((order / 2n).toString(16).padStart(64, '0'), 'hex');

function hasLowS(signature: Uint8Array): boolean {
  return Buffer.compare(signature.subarray(32), half) <= 0;
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
