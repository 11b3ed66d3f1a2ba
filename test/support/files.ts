import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes a file of fresh random bytes, in pieces: its size may be large. */
export async function writeRandomFile(path: string, size: number): Promise<void> {
  const pieces = function* (): Generator<Buffer> {
    for (let left = size; left > 0; left -= 1 << 20) yield randomBytes(Math.min(left, 1 << 20));
  };
  await pipeline(Readable.from(pieces(), { objectMode: false }), createWriteStream(path));
}

/** As `sha256sum` prints it. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Changes one byte of a file in place, as rot does. */
export function flipByte(path: string, position: number): void {
  const handle = openSync(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    if (readSync(handle, byte, 0, 1, position) !== 1) {
      throw new RangeError(`${path} has no byte ${String(position)}`);
    }
    writeSync(handle, Buffer.from([(byte[0] ?? 0) ^ 0x40]), 0, 1, position);
  } finally {
    closeSync(handle);
  }
}
