/**
 * First 512 bytes of a shard file, so that an index can be rebuilt from the files alone. Little endian.
 *
 *     0  "CPSHARD" 0     8  format version u32 = 1
 *     12 shard u8        13 k u8   14 m u8   15 zero
 *     16 share id 16     32 author id 32
 *     64 q u32           68 segments u32     72 lastQ u32
 *     76 zeros           480 SHA-256 of bytes 0..479
 */
import { createHash } from 'node:crypto';
import { type Geometry, validateGeometry } from '../../chunk/geometry.js';
import { equalBytes, fromHex, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { HeldShard } from '../store.js';

export const prologueSize = 512;

const magic = Buffer.from('CPSHARD\0');
const version = 1;
const usedSize = 76;
const digestAt = 480;

/** What a shard file says about itself. */
export type ShardDescription = Omit<HeldShard, 'state'>;

export function encodePrologue(description: ShardDescription): Uint8Array {
  const { shareId, shard, geometry, authorId } = description;
  const bytes = Buffer.alloc(prologueSize);
  magic.copy(bytes);
  bytes.writeUInt32LE(version, 8);
  bytes.writeUInt8(shard, 12);
  bytes.writeUInt8(geometry.k, 13);
  bytes.writeUInt8(geometry.m, 14);
  bytes.set(fromHex(shareId), 16);
  bytes.set(fromHex(authorId), 32);
  bytes.writeUInt32LE(geometry.q, 64);
  bytes.writeUInt32LE(geometry.segments, 68);
  bytes.writeUInt32LE(geometry.lastQ, 72);
  bytes.set(createHash('sha256').update(bytes.subarray(0, digestAt)).digest(), digestAt);
  return bytes;
}

/** @throws {PeerError} `integrity` when damaged, `unsupported` when of a newer version. */
export function decodePrologue(data: Uint8Array): ShardDescription {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const damaged = new PeerError('integrity', 'The prologue of a shard file is damaged.');
  if (bytes.byteLength !== prologueSize) throw damaged;
  const digest = createHash('sha256').update(bytes.subarray(0, digestAt)).digest();
  if (!equalBytes(digest, bytes.subarray(digestAt))) throw damaged;
  if (!equalBytes(bytes.subarray(0, 8), magic)) throw damaged;
  if (bytes.readUInt32LE(8) !== version) {
    throw new PeerError('unsupported', 'A newer version of this product wrote a shard file.');
  }
  if (bytes.readUInt8(15) !== 0 || bytes.subarray(usedSize, digestAt).some((b) => b !== 0)) {
    throw damaged;
  }
  const geometry: Geometry = {
    k: bytes.readUInt8(13),
    m: bytes.readUInt8(14),
    q: bytes.readUInt32LE(64),
    segments: bytes.readUInt32LE(68),
    lastQ: bytes.readUInt32LE(72),
  };
  validateGeometry(geometry);
  const shard = bytes.readUInt8(12);
  if (shard >= geometry.k + geometry.m) throw damaged;
  return {
    shareId: toHex(bytes.subarray(16, 32)),
    shard,
    geometry,
    authorId: toHex(bytes.subarray(32, 64)),
  };
}
