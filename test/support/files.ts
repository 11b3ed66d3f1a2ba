import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
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
