import type { KeyObject } from 'node:crypto';
import * as z from 'zod';
import { PeerError } from '../common/errors.js';
import { exactBytes } from '../common/schema.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { MAX_SEGMENTS, MAX_SHARDS } from './geometry.js';
import {
  isSignedBy,
  isSignedByKey,
  signBody,
  splitSigned,
  type SignerKey,
  type SignFunction,
} from './signed.js';

const domain = Buffer.from('chunk-partitioner/1/receipt\0');
/** Longest receipt, wire form, bytes. */
export const MAX_RECEIPT_BYTES = 512;
/** How often a holder may take one shard again after it had given it up: nobody needs more, and each is kept for ever. */
export const MAX_ROUNDS = 1000;

/** A holder's promise: this shard lies on my disk, fsynced, and these are its bytes. */
export interface Receipt {
  readonly groupId: Uint8Array;
  readonly shareId: Uint8Array;
  /** The shard that the holder was named for, 0 to k+m−1, for copies too. */
  readonly shard: number;
  readonly segments: number;
  /** Shard root over what the holder stored, 32 bytes. */
  readonly root: Uint8Array;
  readonly holderId: Uint8Array;
  /** Milliseconds since 1970 by the holder's clock; informative. */
  readonly at: number;
  /** How often the holder had given this shard up before (see `Release`); absent for never. */
  readonly round?: number;
}

const bodySchema = z.strictObject({
  v: z.literal(1),
  group: exactBytes(32),
  share: exactBytes(16),
  shard: z
    .int()
    .min(0)
    .max(MAX_SHARDS - 1),
  segments: z.int().min(1).max(MAX_SEGMENTS),
  root: exactBytes(32),
  holder: exactBytes(32),
  at: z.int().min(0),
  round: z.int().min(1).max(MAX_ROUNDS).optional(),
});

/** The body that is signed. @throws PeerError `protocol` for fields out of range */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const body: z.infer<typeof bodySchema> = {
    v: 1,
    group: receipt.groupId,
    share: receipt.shareId,
    shard: receipt.shard,
    segments: receipt.segments,
    root: receipt.root,
    holder: receipt.holderId,
    at: receipt.at,
    ...(receipt.round !== undefined && { round: receipt.round }),
  };
  if (!bodySchema.safeParse(body).success) {
    throw new PeerError('protocol', 'A receipt has a field out of range.');
  }
  return encodeCbor(body);
}

/** Wire form, signed by the holder. */
export function signReceipt(receipt: Receipt, sign: SignFunction): Uint8Array {
  return signBody(domain, encodeReceipt(receipt), sign);
}

/** Reads the wire form; the signature is not looked at. @throws PeerError `limit`, `protocol` */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const { body } = splitSigned(bytes, MAX_RECEIPT_BYTES);
  const { group, share, shard, segments, root, holder, at, round } = decodeCbor(
    body,
    bodySchema,
    MAX_RECEIPT_BYTES,
  );
  return {
    ...{ groupId: group, shareId: share, shard, segments, root, holderId: holder, at },
    ...(round !== undefined && { round }),
  };
}

/**
 * Whether the holder that it names signed it. `publicKey`: a key, or its SPKI in DER.
 *
 * @throws PeerError `limit`, `protocol` when it is malformed
 */
export function verifyReceipt(bytes: Uint8Array, publicKey: KeyObject | Uint8Array): boolean {
  const { holderId } = decodeReceipt(bytes);
  return isSignedBy(bytes, domain, MAX_RECEIPT_BYTES, publicKey, holderId);
}

/** The same against a key that is at hand, off the thread that asks: see `isSignedByKey`. */
export function verifyReceiptBy(
  bytes: Uint8Array,
  { holderId }: Receipt,
  signer: SignerKey,
): Promise<boolean> {
  return isSignedByKey(bytes, domain, MAX_RECEIPT_BYTES, signer, holderId);
}
