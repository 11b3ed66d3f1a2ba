import type { ShardStore } from '../../../src/store/store.js';
import type { MadeShare } from './makeShare.js';

export function stageShard(
  shards: ShardStore,
  { shareId, geometry, authorId }: MadeShare,
  shard: number,
): Promise<void> {
  return shards.stage({ shareId, shard, geometry, authorId });
}

/** Writes the pieces that are chosen, several at a time as a connection would. */
export async function writePieces(
  shards: ShardStore,
  share: MadeShare,
  shard: number,
  choose: (segment: number) => boolean = () => true,
): Promise<void> {
  const pieces = share.pieces[shard] ?? [];
  await Promise.all(
    pieces.map(async (piece, segment) => {
      if (choose(segment)) await shards.writePiece(share.shareId, shard, segment, piece.slice());
    }),
  );
}

export async function sealShard(
  shards: ShardStore,
  share: MadeShare,
  shard: number,
): Promise<void> {
  await stageShard(shards, share, shard);
  await writePieces(shards, share, shard);
  await shards.seal(share.shareId, shard);
}

export async function commitShard(
  shards: ShardStore,
  share: MadeShare,
  shard: number,
): Promise<void> {
  await sealShard(shards, share, shard);
  await shards.commit(share.shareId, shard, share.manifest, share.receipts);
}
