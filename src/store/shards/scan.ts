import { closeSync, openSync } from 'node:fs';
import { CHUNK_SIZE, chunksPerPiece, pieceBytes, pieceOffset } from '../../chunk/geometry.js';
import { HASH_SIZE, pieceHash } from '../../chunk/shardRoot.js';
import { PeerError } from '../../common/errors.js';
import type { ShardScan } from '../store.js';
import { rootOf } from './checker.js';
import { prologueSize, type ShardDescription } from './prologue.js';
import { readFully } from './stagedShard.js';
import { shardLimits } from '../limits.js';

export interface ScanOptions {
  /** Positions of bad chunks within a piece. */
  readonly check: (segment: number, piece: Uint8Array) => number[];
  readonly onProgress: (chunks: number) => void;
  readonly signal: AbortSignal;
  /** Filled with the hashes of all pieces, if they are wanted. */
  readonly found?: ShardHashes;
}

export interface ShardHashes {
  bytes: Uint8Array;
}

/** Re-reads a shard file. Gives way to other calls after each piece. */
export async function scanShard(
  file: string,
  description: ShardDescription,
  { check, onProgress, signal, found }: ScanOptions,
): Promise<ShardScan> {
  const { geometry } = description;
  const hashes = new Uint8Array(geometry.segments * HASH_SIZE);
  const badChunks: number[] = [];
  let chunksChecked = 0;
  let reported = performance.now();
  const fd = openSync(file, 'r');
  try {
    for (let segment = 0; segment < geometry.segments; segment++) {
      if (signal.aborted) throw new PeerError('cancelled', 'The scan was cancelled.');
      const piece = new Uint8Array(pieceBytes(geometry, segment));
      const offset = pieceOffset(geometry, segment);
      const there = readFully(fd, piece, prologueSize + offset);
      hashes.set(pieceHash(piece), segment * HASH_SIZE);
      const firstChunk = offset / CHUNK_SIZE;
      const bad = new Set(check(segment, piece));
      // Zeros stand for what the file lacks.
      for (let i = Math.floor(there / CHUNK_SIZE); i < chunksPerPiece(geometry, segment); i++) {
        bad.add(i);
      }
      for (const position of [...bad].sort((a, b) => a - b)) {
        if (badChunks.length < shardLimits.badChunks) badChunks.push(firstChunk + position);
      }
      chunksChecked += chunksPerPiece(geometry, segment);
      if (performance.now() - reported >= shardLimits.progressEveryMs) {
        reported = performance.now();
        onProgress(chunksChecked);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    closeSync(fd);
  }
  if (found !== undefined) found.bytes = hashes;
  return { chunksChecked, badChunks, root: rootOf(description, hashes) };
}
