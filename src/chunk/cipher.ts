/** AES-256-GCM over whole segments. A sealed segment is nonce 12 ‖ ciphertext ‖ tag 16. */
import { createCipheriv, createDecipheriv, randomBytes, randomFillSync } from 'node:crypto';
import { PeerError } from '../common/errors.js';
import { discard } from '../common/memory.js';
import { SEAL_OVERHEAD } from './geometry.js';

const algorithm = 'aes-256-gcm';
const nonceSize = 12;
const tagSize = 16;
/**
 * Bytes that a cipher is given at once. Node answers each call in memory of its own, made twice: of this size it stays in
 * the processor's cache, and malloc keeps it, where a whole segment's would go back to the system and be faulted in anew.
 */
const blockSize = 64 * 1024;
const zeros = new Uint8Array(blockSize);

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
  const end = target.byteLength - tagSize;
  if (end - nonceSize < plaintext.byteLength) {
    throw new PeerError('internal', 'A segment holds less than it was given.');
  }
  const nonce = target.subarray(0, nonceSize);
  randomFillSync(nonce);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagSize });
  cipher.setAAD(associatedData(name));
  transform(cipher, plaintext, target.subarray(nonceSize));
  for (let at = nonceSize + plaintext.byteLength; at < end; at += blockSize) {
    transform(cipher, zeros.subarray(0, Math.min(blockSize, end - at)), target.subarray(at));
  }
  cipher.final();
  target.set(cipher.getAuthTag(), end);
}

/**
 * Opens a sealed segment: the plaintext with its padding, at the start of `target`, or, without one, in fresh memory.
 * What `target` holds after a failure is nobody's to look at.
 *
 * @throws PeerError `integrity` when key, share, index, last flag or any byte is another.
 */
export function openSegment(
  key: Uint8Array,
  { shareId, segment, last }: SegmentName,
  sealed: Uint8Array,
  target?: Uint8Array,
): Uint8Array {
  const damaged = 'A segment does not open: its bytes were changed, or belong elsewhere.';
  const end = sealed.byteLength - tagSize;
  if (end < nonceSize) throw new PeerError('integrity', damaged);
  const nonce = sealed.subarray(0, nonceSize);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagSize });
  decipher.setAAD(associatedData({ shareId, segment, last }));
  decipher.setAuthTag(sealed.subarray(end));
  const size = end - nonceSize;
  const plaintext = target?.subarray(0, size) ?? new Uint8Array(size);
  transform(decipher, sealed.subarray(nonceSize, end), plaintext);
  try {
    decipher.final();
  } catch (cause) {
    throw new PeerError('integrity', damaged, { cause });
  }
  return plaintext;
}

/** Puts what the cipher makes of `bytes`, as many of them, at the start of `target`. */
function transform(
  cipher: { update(bytes: Uint8Array): Uint8Array },
  bytes: Uint8Array,
  target: Uint8Array,
): void {
  for (let at = 0; at < bytes.byteLength; at += blockSize) {
    const part = cipher.update(bytes.subarray(at, at + blockSize));
    target.set(part, at);
    discard(part);
  }
}

function associatedData({ shareId, segment, last }: SegmentName): Uint8Array {
  const data = Buffer.alloc(21);
  data.set(shareId.subarray(0, 16), 0);
  data.writeUInt32LE(segment, 16);
  data.writeUInt8(last ? 1 : 0, 20);
  return data;
}
