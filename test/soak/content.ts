import { createHash } from 'node:crypto';
import { Random } from '../fuzz/engine/random.js';

/** The bytes of a file of a run: its seed and number make them again, so that nothing has to be kept. */
export function contentOf(seed: number, file: number, size: number): Buffer {
  const random = new Random(seed + file * 7919);
  const words = Uint32Array.from({ length: Math.ceil(size / 4) }, () => random.next());
  return Buffer.from(words.buffer, 0, size);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
