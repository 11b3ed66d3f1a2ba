import * as z from 'zod';
import { PeerError } from '../common/errors.js';
import { exactBytes } from '../common/schema.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { MAX_SHARDS } from './geometry.js';
import { MAX_ROUNDS } from './receipt.js';
import {
  isSignedByKey,
  signBody,
  splitSigned,
  type SignerKey,
  type SignFunction,
} from './signed.js';

const domain = Buffer.from('chunk-partitioner/1/release\0');
/** Longest release, wire form, bytes. */
export const MAX_RELEASE_BYTES = 512;

/**
 * A holder's word that it keeps a shard no longer: it voids the receipts of that holder for that shard up to `round`. Should
 * the holder take the shard again, the next receipt is of the round after it. Clocks have no part in this.
 */
export interface Release {
  readonly groupId: Uint8Array;
  readonly shareId: Uint8Array;
  readonly shard: number;
  readonly holderId: Uint8Array;
  /** Of the last receipt that it voids. */
  readonly round: number;
}

const bodySchema = z.strictObject({
  v: z.literal(1),
  group: exactBytes(32),
  share: exactBytes(16),
  shard: z
    .int()
    .min(0)
    .max(MAX_SHARDS - 1),
  holder: exactBytes(32),
  round: z.int().min(0).max(MAX_ROUNDS),
});

/** The body that is signed. @throws PeerError `protocol` for fields out of range */
export function encodeRelease(release: Release): Uint8Array {
  const body: z.infer<typeof bodySchema> = {
    v: 1,
    group: release.groupId,
    share: release.shareId,
    shard: release.shard,
    holder: release.holderId,
    round: release.round,
  };
  if (!bodySchema.safeParse(body).success) {
    throw new PeerError('protocol', 'A release has a field out of range.');
  }
  return encodeCbor(body);
}

/** Wire form, signed by the holder. */
export function signRelease(release: Release, sign: SignFunction): Uint8Array {
  return signBody(domain, encodeRelease(release), sign);
}

/** Reads the wire form; the signature is not looked at. @throws PeerError `limit`, `protocol` */
export function decodeRelease(bytes: Uint8Array): Release {
  const { body } = splitSigned(bytes, MAX_RELEASE_BYTES);
  const { group, share, shard, holder, round } = decodeCbor(body, bodySchema, MAX_RELEASE_BYTES);
  return { groupId: group, shareId: share, shard, holderId: holder, round };
}

/** Whether the holder that it names signed it: see `isSignedByKey`. */
export function verifyReleaseBy(
  bytes: Uint8Array,
  { holderId }: Release,
  signer: SignerKey,
): Promise<boolean> {
  return isSignedByKey(bytes, domain, MAX_RELEASE_BYTES, signer, holderId);
}
