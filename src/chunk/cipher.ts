/** AES-256-GCM over whole segments. A sealed segment is nonce 12 ‖ ciphertext ‖ tag 16. */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { copyBytes, equalBytes } from '../common/bytes.js';
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

/**
 * Nonce ‖ tag of a sealed segment, 28 bytes: with its key and name they tell whether a plaintext is the one that it
 * holds, and seal that one again to the same bytes.
 */
export type Seal = Uint8Array;

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

/**
 * Seals into `target`, padding the plaintext with zeros until it fills it.
 *
 * @param again seals what was sealed before, to the same bytes
 * @throws PeerError `integrity` when it is not that plaintext: a nonce never meets another one, so `target` is emptied
 */
export function sealSegmentInto(
  key: Uint8Array,
  name: SegmentName,
  plaintext: Uint8Array,
  target: Uint8Array,
  again?: Seal,
): void {
  const end = target.byteLength - tagSize;
  if (end - nonceSize < plaintext.byteLength) {
    throw new PeerError('internal', 'A segment holds less than it was given.');
  }
  const nonce = target.subarray(0, nonceSize);
  if (again === undefined) randomFillSync(nonce);
  else nonce.set(again.subarray(0, nonceSize));
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagSize });
  cipher.setAAD(associatedData(name));
  transform(cipher, plaintext, target.subarray(nonceSize));
  for (let at = nonceSize + plaintext.byteLength; at < end; at += blockSize) {
    transform(cipher, zeros.subarray(0, Math.min(blockSize, end - at)), target.subarray(at));
  }
  cipher.final();
  target.set(cipher.getAuthTag(), end);
  if (again === undefined || equalBytes(sealOf(target), again)) return;
  target.fill(0);
  throw new PeerError('integrity', 'A segment that is sealed again holds something else.');
}

/** A copy of the seal of a sealed segment. */
export function sealOf(sealed: Uint8Array): Seal {
  const seal = new Uint8Array(SEAL_OVERHEAD);
  seal.set(sealed.subarray(0, nonceSize));
  seal.set(sealed.subarray(sealed.byteLength - tagSize), nonceSize);
  return seal;
}

/** Whether a segment of this seal holds this plaintext, padding included. */
export function isSealOf(
  key: Uint8Array,
  name: SegmentName,
  plaintext: Uint8Array,
  seal: Seal,
): boolean {
  const nonce = seal.subarray(0, nonceSize);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagSize });
  cipher.setAAD(associatedData(name));
  // What it makes of another plaintext under this nonce is thrown away at once.
  for (let at = 0; at < plaintext.byteLength; at += blockSize) {
    discard(cipher.update(plaintext.subarray(at, at + blockSize)));
  }
  cipher.final();
  return equalBytes(cipher.getAuthTag(), seal.subarray(nonceSize));
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
    copyBytes(part, target, at);
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
