import type { KeyObject } from 'node:crypto';
import * as z from 'zod';
import { PeerError } from '../common/errors.js';
import { exactBytes } from '../common/schema.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { checkShareId } from './shareId.js';
import {
  isSignedBy,
  isSignedByKey,
  signBody,
  splitSigned,
  type SignerKey,
  type SignFunction,
} from './signed.js';

const domain = Buffer.from('chunk-partitioner/1/tombstone\0');
/** Longest tombstone, wire form, bytes. */
export const MAX_TOMBSTONE_BYTES = 512;

/** The end of a share: its author, or an admin of the group, says that nobody is to keep it. */
export interface Tombstone {
  readonly groupId: Uint8Array;
  readonly shareId: Uint8Array;
  /** Node id, 32 bytes. */
  readonly signerId: Uint8Array;
  /**
   * What the share id was derived from, 16 bytes: proves that the signer is the author, to whoever has never seen the
   * manifest. Null when it is not the author who signs: then it has to be an admin.
   */
  readonly random: Uint8Array | null;
  /** Milliseconds since 1970 by the signer's clock; informative. */
  readonly at: number;
}

const bodySchema = z.strictObject({
  v: z.literal(1),
  group: exactBytes(32),
  share: exactBytes(16),
  signer: exactBytes(32),
  random: exactBytes(16).nullable(),
  at: z.int().min(0),
});

/** The body that is signed. @throws PeerError `protocol` for fields out of range, and for a proof that is none */
export function encodeTombstone(tombstone: Tombstone): Uint8Array {
  const body = encodeCbor({
    v: 1,
    group: tombstone.groupId,
    share: tombstone.shareId,
    signer: tombstone.signerId,
    random: tombstone.random,
    at: tombstone.at,
  });
  readBody(body);
  return body;
}

/** Wire form, signed by the signer that it names. */
export function signTombstone(tombstone: Tombstone, sign: SignFunction): Uint8Array {
  return signBody(domain, encodeTombstone(tombstone), sign);
}

/**
 * Reads the wire form. The proof of authorship, where there is one, is checked; the signature is not.
 *
 * @throws PeerError `limit`, `protocol`
 */
export function decodeTombstone(bytes: Uint8Array): Tombstone {
  return readBody(splitSigned(bytes, MAX_TOMBSTONE_BYTES).body);
}

/**
 * Whether the signer that it names signed it. `publicKey`: a key, or its SPKI in DER.
 *
 * @throws PeerError `limit`, `protocol` when it is malformed
 */
export function verifyTombstone(bytes: Uint8Array, publicKey: KeyObject | Uint8Array): boolean {
  const { signerId } = decodeTombstone(bytes);
  return isSignedBy(bytes, domain, MAX_TOMBSTONE_BYTES, publicKey, signerId);
}

/** The same against a key that is at hand, off the thread that asks: see `isSignedByKey`. */
export function verifyTombstoneBy(
  bytes: Uint8Array,
  { signerId }: Tombstone,
  signer: SignerKey,
): Promise<boolean> {
  return isSignedByKey(bytes, domain, MAX_TOMBSTONE_BYTES, signer, signerId);
}

function readBody(body: Uint8Array): Tombstone {
  const read = decodeCbor(body, bodySchema, MAX_TOMBSTONE_BYTES);
  const { group, share, signer, random, at } = read;
  if (random !== null && !checkShareId(share, group, signer, random)) {
    throw new PeerError('protocol', 'A tombstone names a share that is not its signer’s.');
  }
  return { groupId: group, shareId: share, signerId: signer, random, at };
}
