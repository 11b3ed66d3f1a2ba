import { createHash, randomBytes } from 'node:crypto';
import { equalBytes } from '../common/bytes.js';

const domain = Buffer.from('chunk-partitioner/1/share-id\0');

/** Bytes of a share id, and of the random part it is derived from. */
export const SHARE_ID_SIZE = 16;

/** An id, and the random bytes that it was made of. */
export interface NewShareId {
  readonly shareId: Uint8Array;
  readonly random: Uint8Array;
}

/** A fresh share id of an author in a group (32 bytes each), with the random bytes that prove it. */
export function newShareId(groupId: Uint8Array, authorId: Uint8Array): NewShareId {
  const random = new Uint8Array(randomBytes(SHARE_ID_SIZE));
  return { shareId: deriveShareId(groupId, authorId, random), random };
}

/** Whether an id is this author's: holders ask before they take the first byte. */
export function checkShareId(
  shareId: Uint8Array,
  groupId: Uint8Array,
  authorId: Uint8Array,
  random: Uint8Array,
): boolean {
  return (
    groupId.byteLength === 32 &&
    authorId.byteLength === 32 &&
    random.byteLength === SHARE_ID_SIZE &&
    equalBytes(shareId, deriveShareId(groupId, authorId, random))
  );
}

function deriveShareId(groupId: Uint8Array, authorId: Uint8Array, random: Uint8Array): Uint8Array {
  const hash = createHash('sha256').update(domain).update(groupId).update(authorId).update(random);
  return new Uint8Array(hash.digest().subarray(0, SHARE_ID_SIZE));
}
