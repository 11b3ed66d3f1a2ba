import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { CHUNK_SIZE, chunksPerPiece, pieceBytes, pieceOffset } from '../../chunk/geometry.js';
import { HASH_SIZE, pieceHash } from '../../chunk/shardRoot.js';
import { equalBytes } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { writeFully } from '../layout.js';
import type { BadPiece } from '../store.js';
import { prologueSize, type ShardDescription } from './prologue.js';
import { readFully } from './stagedShard.js';

/** Pieces of a shard file that are to be looked at, and the hashes of all its pieces. */
export interface PieceRun {
  readonly first: number;
  readonly count: number;
  readonly hashes: Uint8Array;
}

/** Re-reads some pieces of a shard file and tells which are not what their hashes say. Gives way after each piece. */
export async function checkPieces(
  file: string,
  { geometry }: ShardDescription,
  { first, count, hashes }: PieceRun,
  check: (segment: number, piece: Uint8Array) => number[],
): Promise<BadPiece[]> {
  const bad: BadPiece[] = [];
  const fd = openSync(file, 'r');
  try {
    for (let segment = first; segment < Math.min(first + count, geometry.segments); segment++) {
      const piece = new Uint8Array(pieceBytes(geometry, segment));
      const offset = pieceOffset(geometry, segment);
      const there = readFully(fd, piece, prologueSize + offset);
      if (!isPiece(piece, hashes, segment) || there < piece.byteLength) {
        const wrong = new Set(check(segment, piece));
        for (let i = Math.floor(there / CHUNK_SIZE); i < chunksPerPiece(geometry, segment); i++) {
          wrong.add(i);
        }
        const chunks = [...wrong].sort((a, b) => a - b).map((at) => offset / CHUNK_SIZE + at);
        bad.push({ segment, chunks });
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    closeSync(fd);
  }
  return bad;
}

/**
 * Writes one piece in its place, durably. Nothing has to be kept for the case of a crash: what lies there is wrong, and
 * half of it is wrong too.
 *
 * @throws {PeerError} `integrity` for a piece that does not belong there
 */
export function mendPiece(
  file: string,
  { geometry }: ShardDescription,
  { segment, piece, hashes }: { segment: number; piece: Uint8Array; hashes: Uint8Array },
): void {
  if (piece.byteLength !== pieceBytes(geometry, segment) || !isPiece(piece, hashes, segment)) {
    throw new PeerError('integrity', 'This piece is not the one that belongs there.');
  }
  const fd = openSync(file, 'r+');
  try {
    writeFully(fd, piece, prologueSize + pieceOffset(geometry, segment));
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function isPiece(piece: Uint8Array, hashes: Uint8Array, segment: number): boolean {
  const hash = hashes.subarray(segment * HASH_SIZE, (segment + 1) * HASH_SIZE);
  return equalBytes(pieceHash(piece), hash);
}
