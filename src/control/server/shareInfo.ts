import { PeerError } from '../../common/errors.js';
import type { Peer } from '../../peer/peer.js';
import type { ShareRow } from '../../store/store.js';
import type { ChunkRun, HolderInfo, ListedShare, ShareInfo, ShareMap } from '../contract.js';

/** Shares as clients see them: the rows, and who holds what of each. */
export async function shareInfos(peer: Peer, rows: readonly ShareRow[]): Promise<ShareInfo[]> {
  const { membership, catalog } = peer;
  const holders = new Map(rows.map(({ shareId }): [string, HolderInfo[]] => [shareId, []]));
  for (const { shareId, holderId, shard } of await catalog.heldBy([...holders.keys()])) {
    holders.get(shareId)?.push({
      nodeId: holderId,
      name: membership.nameOf(holderId),
      shard,
      online: peer.holder(holderId) !== undefined,
    });
  }
  return await Promise.all(
    rows.map(async (row) =>
      shareOf(peer, row, holders.get(row.shareId) ?? [], await catalog.entriesOf(row)),
    ),
  );
}

export async function shareInfo(peer: Peer, row: ShareRow): Promise<ShareInfo> {
  const [info] = await shareInfos(peer, [row]);
  if (info === undefined) throw new PeerError('internal', 'A share was lost on the way.');
  return info;
}

function shareOf(
  peer: Peer,
  row: ShareRow,
  holders: readonly HolderInfo[],
  entries: number,
): ShareInfo {
  const kind = row.kind ?? 'file';
  return {
    shareId: row.shareId,
    name: row.name ?? '',
    kind,
    entries,
    size: row.size ?? 0,
    sha256: kind === 'file' ? (row.sha256 ?? '') : '',
    authorId: row.authorId,
    authorName: peer.membership.nameOf(row.authorId),
    createdAt: row.createdAt,
    k: row.k,
    m: row.m,
    chunksPerShard: row.chunksPerShard,
    lineage: row.lineage,
    superseded: row.superseded,
    holders,
    spare: new Set(holders.map(({ shard }) => shard)).size - row.k,
    verified:
      row.verifiedAt === null || row.verifiedOk === null
        ? null
        : { at: row.verifiedAt, ok: row.verifiedOk },
  };
}

/** What a list shows of it. */
export function listedShare(info: ShareInfo): ListedShare {
  const { shareId, name, kind, size, authorId, authorName } = info;
  const { createdAt, k, m, spare, superseded } = info;
  return {
    ...{ shareId, name, kind, size, authorId, authorName },
    ...{ createdAt, k, m, spare, superseded },
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
