import assert from 'node:assert/strict';
import { chunksPerShard, geometryFor, type Geometry } from '../../src/chunk/geometry.js';
import type { ShareInfo } from '../../src/control/contract.js';
import { edgesOf, gridOfShare, type GridSource } from '../../src/control/server/gridInfo.js';
import { Traces } from '../../src/peer/trace/traces.js';

const shareId = 'ab'.repeat(16);
const nodeId = (shard: number): string => shard.toString(16).padStart(64, '0');

describe('a grid', () => {
  it('of 40 GB is as small, and as quickly made, as one of 40 MB', () => {
    const geometry = geometryFor(40e9, 4, 2);
    assert.ok(geometry.segments > 38_000);
    const traces = new Traces();
    const trace = traces.of(shareId, geometry);
    // As a download leaves it: four of six for each segment, not always the same ones.
    for (let segment = 0; segment < geometry.segments; segment += 1) {
      for (let part = 0; part < 4; part += 1) {
        const shard = (Math.floor(segment / 5) + part) % 6;
        trace.proved(nodeId(shard), shard, segment);
      }
    }
    const make = () => gridOfShare(source(traces), shareOf(geometry), 64);
    const grid = make();
    // The best of some: others are at work on this machine.
    const ms = Math.min(...Array.from({ length: 5 }, () => timed(make)));
    assert.equal(grid.edges.length, 65);
    assert.ok(JSON.stringify(grid).length < 32_000);
    assert.ok(ms < 250, `${ms.toFixed(0)} ms`);
    const proved = grid.rows.map((row) => total(row.chunks.proved));
    assert.equal(total(proved), 4 * chunksPerShard(geometry));
    const all = proved.map((count, at) => count + total(grid.rows[at]?.chunks.held));
    assert.deepEqual(new Set(all), new Set([chunksPerShard(geometry)]));
  });

  it('of very many shards has fewer columns', () => {
    assert.equal(edgesOf(1_000_000, 6, 256).length, 257);
    assert.equal(edgesOf(1_000_000, 255, 256).length, 65);
    assert.deepEqual(edgesOf(1, 255, 256), [0, 1]);
  });

  it('has a row for each shard, also for those that nobody holds, and for who is just taking one', () => {
    const geometry = geometryFor(1e6, 2, 2);
    const traces = new Traces();
    const share = { ...shareOf(geometry), holders: shareOf(geometry).holders.slice(0, 2) };
    traces.of(shareId, geometry).making('new', 2, 1, 2);
    const { rows } = gridOfShare(source(traces), share, 4);
    assert.deepEqual(
      rows.map((row) => [row.shard, row.nodeId, total(row.chunks.held), (row.moving ?? []).length]),
      [
        [0, nodeId(0), share.chunksPerShard, 0],
        [1, nodeId(1), share.chunksPerShard, 0],
        [2, 'new', 0, 4],
        [3, '', 0, 0],
      ],
    );
  });

  it('says of whom this peer has reason to doubt', () => {
    const geometry = geometryFor(1e6, 2, 1);
    const doubting = {
      ...source(new Traces()),
      doubts: (_id: string, shard: number) => shard === 1,
    };
    const { rows } = gridOfShare(doubting, shareOf(geometry), 4);
    assert.deepEqual(
      rows.map(({ doubted }) => doubted),
      [false, true, false],
    );
  });
});

function source(traces: Traces): GridSource {
  return {
    ...{ traces, holder: () => undefined, doubts: () => false },
    membership: { nameOf: (id) => id.slice(-4) },
  };
}

function shareOf(geometry: Geometry): ShareInfo {
  const { k, m } = geometry;
  const holders = Array.from({ length: k + m }, (_, shard) => ({
    ...{ nodeId: nodeId(shard), name: `peer${String(shard)}`, shard, online: true },
  }));
  return {
    ...{ shareId, name: 'a.bin', kind: 'file', entries: 1, size: 1, sha256: '', holders, k, m },
    ...{ authorId: nodeId(0), authorName: 'alice', createdAt: 0, lineage: '', superseded: false },
    ...{ spare: m, verified: null, chunksPerShard: chunksPerShard(geometry) },
  };
}

function total(counts: readonly number[] = []): number {
  return counts.reduce((all, count) => all + count, 0);
}

/** Milliseconds. */
function timed(task: () => unknown): number {
  const since = performance.now();
  task();
  return performance.now() - since;
}
