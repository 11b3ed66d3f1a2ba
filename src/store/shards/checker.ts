import { shardInHeader } from '../../chunk/geometry.js';
import type { Kernel } from '../../chunk/kernel.js';
import { SegmentCodec } from '../../chunk/segment.js';
import { shardRoot } from '../../chunk/shardRoot.js';
import { fromHex } from '../../common/bytes.js';
import type { ShardDescription } from './prologue.js';

/** Root of a shard from the hashes of its pieces. */
export function rootOf(description: ShardDescription, hashes: Uint8Array): Uint8Array {
  const { geometry } = description;
  const shareId = fromHex(description.shareId);
  const shard = shardInHeader(geometry, description.shard);
  return shardRoot({ shareId, shard, segments: geometry.segments }, hashes);
}

/** Answers for a piece of the shard which of its chunks are not what they should be. */
export function pieceChecker(
  kernel: Kernel,
  description: ShardDescription,
): (segment: number, piece: Uint8Array) => number[] {
  const shareId = fromHex(description.shareId);
  const codec = new SegmentCodec(kernel, { shareId, geometry: description.geometry });
  return (segment, piece) => codec.checkPiece(segment, description.shard, piece);
}
