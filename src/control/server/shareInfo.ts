import { chunksPerShard } from '../../chunk/geometry.js';
import { decodeManifest } from '../../chunk/manifest.js';
import type { Peer } from '../../peer/peer.js';
import type { ShareRow } from '../../store/store.js';
import type { ChunkRun, HolderInfo, ShareInfo, ShareMap } from '../contract.js';

/** A share as clients see it: the row, its manifest, and who holds what. */
export async function shareInfo(peer: Peer, row: ShareRow): Promise<ShareInfo> {
  const { geometry } = decodeManifest(row.manifest);
  const holders = await holdersOf(peer, row.shareId);
  return {
    shareId: row.shareId,
    name: row.name ?? '',
    size: row.size ?? 0,
    sha256: row.sha256 ?? '',
    authorId: row.authorId,
    authorName: peer.membership.nameOf(row.authorId),
    createdAt: row.createdAt,
    k: geometry.k,
    m: geometry.m,
    chunksPerShard: chunksPerShard(geometry),
    lineage: row.lineage,
    superseded: await peer.catalog.isSuperseded(row),
    holders,
    spare: new Set(holders.map(({ shard }) => shard)).size - geometry.k,
    verified:
      row.verifiedAt === null || row.verifiedOk === null
        ? null
        : { at: row.verifiedAt, ok: row.verifiedOk },
  };
}

/** Each holder's run of chunk numbers. */
export function shareMap(share: ShareInfo): ShareMap {
  const { k, m, chunksPerShard: length } = share;
  const runs = share.holders.map((holder): ChunkRun => ({
    nodeId: holder.nodeId,
    name: holder.name,
    shard: holder.shard,
    online: holder.online,
    first: holder.shard * length,
    last: (holder.shard + 1) * length - 1,
    // With k = 1 every shard is a whole copy.
    kind: holder.shard < k || k === 1 ? 'data' : 'parity',
  }));
  return { share, chunks: (k + m) * length, runs };
}

async function holdersOf(peer: Peer, shareId: string): Promise<HolderInfo[]> {
  const locations = await peer.catalog.locations(shareId);
  return locations.map(({ holderId, shard }) => ({
    nodeId: holderId,
    name: peer.membership.nameOf(holderId),
    shard,
    online: peer.holder(holderId) !== undefined,
  }));
}
