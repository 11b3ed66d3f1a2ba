import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { SourceFile } from '../bench.js';

const pieceBytes = 1 << 20;

type Bencoded = string | number | Uint8Array | readonly Bencoded[] | BencodedMap;
interface BencodedMap {
  readonly [key: string]: Bencoded;
}

/** BitTorrent's encoding: keys in the order of their bytes. */
export function bencode(value: Bencoded): Buffer {
  if (typeof value === 'number') return Buffer.from(`i${value}e`);
  if (typeof value === 'string') return bencode(Buffer.from(value));
  if (value instanceof Uint8Array) {
    return Buffer.concat([Buffer.from(`${value.byteLength}:`), value]);
  }
  if (Array.isArray(value)) {
    return Buffer.concat([Buffer.from('l'), ...value.map(bencode), Buffer.from('e')]);
  }
  const entries = Object.entries(value as BencodedMap).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([
    Buffer.from('d'),
    ...entries.flatMap(([key, item]) => [bencode(key), bencode(item)]),
    Buffer.from('e'),
  ]);
}

/** A torrent of one file, private: its peers are those that the tracker names, and no others. */
export async function torrentOf(file: SourceFile, announce: string): Promise<Buffer> {
  const hashes: Buffer[] = [];
  const piece = Buffer.alloc(pieceBytes);
  const handle = await open(file.path);
  try {
    for (let at = 0; at < file.bytes; at += pieceBytes) {
      const { bytesRead } = await handle.read(piece, 0, pieceBytes, at);
      hashes.push(createHash('sha1').update(piece.subarray(0, bytesRead)).digest());
    }
  } finally {
    await handle.close();
  }
  return bencode({
    announce,
    info: {
      length: file.bytes,
      name: path.basename(file.path),
      'piece length': pieceBytes,
      pieces: Buffer.concat(hashes),
      private: 1,
    },
  });
}
