/** AES-256-GCM over whole segments. A sealed segment is nonce 12 ‖ ciphertext ‖ tag 16. */
import { createCipheriv, createDecipheriv, randomBytes, randomFillSync } from 'node:crypto';
import { PeerError } from '../common/errors.js';
import { discard } from '../common/memory.js';
import { SEAL_OVERHEAD } from './geometry.js';

const algorithm = 'aes-256-gcm';
const nonceSize = 12;
const tagSize = 16;
const zeros = new Uint8Array(64 * 1024);

/** What a segment is bound to besides its key: it opens at no other place. */
export interface SegmentName {
  /** 16 bytes. */
  readonly shareId: Uint8Array;
  readonly segment: number;
  readonly last: boolean;
}

/** A random key for the segments of one share, 32 bytes. */
export function newContentKey(): Uint8Array {
  return new Uint8Array(randomBytes(32));
}

/** Seals a whole segment under a fresh nonce; the result is 28 bytes longer. */
export function sealSegment(
  key: Uint8Array,
  shareId: Uint8Array,
  segment: number,
  last: boolean,
  plaintext: Uint8Array,
): Uint8Array {
  const sealed = new Uint8Array(plaintext.byteLength + SEAL_OVERHEAD);
  sealSegmentInto(key, { shareId, segment, last }, plaintext, sealed);
  return sealed;
}

/** Seals into `target`, padding the plaintext with zeros until it fills it. */
export function sealSegmentInto(
  key: Uint8Array,
  name: SegmentName,
  plaintext: Uint8Array,
  target: Uint8Array,
): void {
  const capacity = target.byteLength - SEAL_OVERHEAD;
  if (capacity < plaintext.byteLength) {
    throw new PeerError('internal', 'A segment holds less than it was given.');
  }
  const nonce = target.subarray(0, nonceSize);
  randomFillSync(nonce);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagSize });
  cipher.setAAD(associatedData(name));
  let at = nonceSize;
  const write = (bytes: Uint8Array): void => {
    const part = cipher.update(bytes);
    target.set(part, at);
    discard(part);
    at += bytes.byteLength;
  };
  if (plaintext.byteLength > 0) write(plaintext);
  for (let left = capacity - plaintext.byteLength; left > 0; left -= zeros.byteLength) {
    write(left < zeros.byteLength ? zeros.subarray(0, left) : zeros);
  }
  cipher.final();
  target.set(cipher.getAuthTag(), at);
}

/**
 * Opens a sealed segment: the plaintext with its padding, in fresh memory.
 *
 * @throws PeerError `integrity` when key, share, index, last flag or any byte is another.
 */
export function openSegment(
  key: Uint8Array,
  shareId: Uint8Array,
  segment: number,
  last: boolean,
  sealed: Uint8Array,
): Uint8Array {
  const damaged = 'A segment does not open: its bytes were changed, or belong elsewhere.';
  const end = sealed.byteLength - tagSize;
  if (end < nonceSize) throw new PeerError('integrity', damaged);
  const nonce = sealed.subarray(0, nonceSize);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagSize });
  decipher.setAAD(associatedData({ shareId, segment, last }));
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(nonceSize, end));
  try {
    decipher.final();
  } catch (cause) {
    throw new PeerError('integrity', damaged, { cause });
  }
  return plaintext;
}

function associatedData({ shareId, segment, last }: SegmentName): Uint8Array {
  const data = Buffer.alloc(21);
  data.set(shareId.subarray(0, 16), 0);
  data.writeUInt32LE(segment, 16);
  data.writeUInt8(last ? 1 : 0, 20);
  return data;
}
