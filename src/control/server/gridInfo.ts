import { chunksPerShard } from '../../chunk/geometry.js';
import type { Peer } from '../../peer/peer.js';
import type { ShardTrace } from '../../peer/trace/shareTrace.js';
import type { OutgoingShare } from '../../peer/trace/traces.js';
import { serviceLimits } from '../limits.js';
import type { GridRow, HolderInfo, ShareGrid, ShareInfo } from '../contract.js';

/** What a grid is made of. */
export type GridSource = Pick<Peer, 'traces' | 'holder' | 'doubts'> & {
  readonly membership: Pick<Peer['membership'], 'nameOf'>;
};

/** What is known of a share that is listed. */
export function gridOfShare(peer: GridSource, share: ShareInfo, columns: number): ShareGrid {
  const { shareId, name, kind, size, k, m } = share;
  const trace = peer.traces.find(shareId);
  const edges = edgesOf(share.chunksPerShard, k + m, columns);
  const rows = share.holders.map((holder) => {
    const row = rowOf(share, holder, trace?.find(holder.nodeId, holder.shard), edges);
    // Where the damage is known, its place says more.
    const isPlaced = row.chunks.damaged !== undefined || row.problem !== null;
    return { ...row, doubted: !isPlaced && peer.doubts(shareId, holder.shard, holder.nodeId) };
  });
  // Who is just taking a shard has not signed for it yet.
  for (const one of trace?.shards ?? []) {
    const { shard, holderId: nodeId } = one;
    const isKnown = share.holders.some((known) => known.nodeId === nodeId && known.shard === shard);
    if (isKnown || one.moving.runs === 0) continue;
    const holder = { nodeId, shard, name: peer.membership.nameOf(nodeId), online: true };
    rows.push(rowOf(share, holder, one, edges, false));
  }
  const all = withMissing(share, rows, edges);
  return {
    ...{ share, name, kind, size, k, m, edges, rows: all },
    chunksPerShard: share.chunksPerShard,
  };
}

/** What is known of a share while it is being sent. */
export function gridOfOutgoing(
  peer: GridSource,
  name: string,
  { kind, size, trace, holders }: OutgoingShare,
  columns: number,
): ShareGrid {
  const { k, m } = trace.geometry;
  const perShard = chunksPerShard(trace.geometry);
  const edges = edgesOf(perShard, k + m, columns);
  const rows = holders().map((nodeId, shard) => {
    const online = peer.holder(nodeId) !== undefined;
    const holder = { nodeId, shard, online, name: peer.membership.nameOf(nodeId) };
    return rowOf({ k, m }, holder, trace.find(nodeId, shard), edges, false);
  });
  return { ...{ share: null, name, kind, size, k, m, edges, rows }, chunksPerShard: perShard };
}

/** Where columns begin, and where the last one ends. */
export function edgesOf(perShard: number, shards: number, columns: number): number[] {
  const count = Math.max(
    1,
    Math.min(columns, perShard, Math.floor(serviceLimits.gridCells / shards)),
  );
  return Array.from({ length: count + 1 }, (_, at) => Math.floor((at * perShard) / count));
}

type CountedShare = Pick<ShareInfo, 'k' | 'm'>;

/** @param signed whether the holder has signed for all of the shard */
function rowOf(
  share: CountedShare,
  holder: HolderInfo,
  trace: ShardTrace | undefined,
  edges: readonly number[],
  signed = true,
): GridRow {
  const { nodeId, name, shard, online } = holder;
  const moving = countsOf(trace?.moving, edges);
  return {
    ...{ shard, nodeId, name, online, kind: kindOf(share, shard), doubted: false },
    chunks: trace?.isMissing === true ? {} : statesOf(trace, edges, signed),
    ...(moving !== null && { moving }),
    provedAt: trace?.provedAt ?? 0,
    reportedAt: trace?.reportedAt ?? 0,
    problem: trace?.problem ?? null,
  };
}

function statesOf(
  trace: ShardTrace | undefined,
  edges: readonly number[],
  signed: boolean,
): GridRow['chunks'] {
  const proved = countsOf(trace?.proved, edges);
  const reported = countsOf(trace?.reported, edges);
  const damaged = countsOf(trace?.damaged, edges);
  const stored = countsOf(trace?.stored, edges);
  const held = edges.slice(1).map((end, at) => {
    const known = (proved?.[at] ?? 0) + (reported?.[at] ?? 0) + (damaged?.[at] ?? 0);
    const rest = end - (edges[at] ?? 0) - known;
    return signed ? rest : Math.min(rest, stored?.[at] ?? 0);
  });
  return {
    ...(held.some((count) => count > 0) && { held }),
    ...(reported !== null && { reported }),
    ...(proved !== null && { proved }),
    ...(damaged !== null && { damaged }),
  };
}

/** Null when there are none. */
function countsOf(
  set: ShardTrace['moving'] | undefined,
  edges: readonly number[],
): readonly number[] | null {
  return set === undefined || set.runs === 0 ? null : set.countBetween(edges);
}

function withMissing(
  share: CountedShare,
  rows: readonly GridRow[],
  edges: readonly number[],
): readonly GridRow[] {
  const held = new Set(rows.map(({ shard }) => shard));
  const missing = Array.from({ length: share.k + share.m }, (_, shard) => shard)
    .filter((shard) => !held.has(shard))
    .map((shard) =>
      rowOf(share, { shard, nodeId: '', name: '', online: false }, undefined, edges, false),
    );
  return [...rows, ...missing].sort((a, b) => a.shard - b.shard);
}

function kindOf({ k }: CountedShare, shard: number): GridRow['kind'] {
  // With k = 1 every shard is a whole copy.
  return shard < k || k === 1 ? 'data' : 'parity';
}
