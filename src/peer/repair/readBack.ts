import { randomInt } from 'node:crypto';
import { pieceBytes } from '../../chunk/geometry.js';
import { pieceHash } from '../../chunk/shardRoot.js';
import { PeerError, type ErrorCode } from '../../common/errors.js';
import type { SignedShare } from '../catalog/catalog.js';
import { isOnPage, PieceHashes } from '../get/pieceHashes.js';
import { Source } from '../get/sources.js';
import type { Holder } from '../holder.js';

/** What says nothing about what a holder has. */
const saysNothing: ReadonlySet<ErrorCode> = new Set([
  ...(['closed', 'timeout', 'unreachable', 'limit', 'cancelled', 'unsupported'] as const),
  'internal', // a newer peer's reason
]);

/**
 * Asks a holder for a piece that it cannot have foreseen, and holds it against the signed root: proof that it has that piece,
 * and the only way to find one that acknowledged what it does not have.
 */
export async function readBack(
  share: SignedShare,
  shard: number,
  holder: Holder,
  signal: AbortSignal,
): Promise<'whole' | 'damaged' | 'unknown'> {
  const { geometry } = share.manifest;
  const segment = randomInt(geometry.segments);
  const source = new Source(holder, shard, false);
  try {
    const [page, piece] = await Promise.all([
      new PieceHashes(share).page(source, segment),
      holder.piece(share.row.shareId, shard, segment, signal),
    ]);
    const isRight =
      piece.bytes.byteLength === pieceBytes(geometry, segment) &&
      isOnPage(page, segment, pieceHash(piece.bytes));
    piece.release();
    return isRight ? 'whole' : 'damaged';
  } catch (error) {
    return saysNothing.has(PeerError.from(error).code) ? 'unknown' : 'damaged';
  }
}
