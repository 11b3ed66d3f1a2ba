import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sixPeers } from './group.js';
import { shareFile } from './results.js';
import { filesBelow } from './scan.js';
import { flipByte, writeRandomFile } from '../support/files.js';
import { untilTransfer } from '../support/untilTransfer.js';
import { PeerError } from '../../src/common/errors.js';
import type {
  ChunkState,
  ControlClient,
  GridRow,
  ShareGrid,
  ShareInfo,
} from '../../src/control/contract.js';
import type { TestGroup } from '../support/peers.js';

const prologueBytes = 512;
const chunkBytes = 512;

describe('the grid of a share', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let client: ControlClient;
  let share: ShareInfo;

  before(async () => {
    group = await sixPeers();
    const source = join(group.filesDir, 'map.bin');
    await writeRandomFile(source, 12_000_000);
    share = await shareFile(group.get(0), source);
    client = await group.get(0).client();
  });

  it('tells at first only that its holders signed for all of it', async () => {
    const grid = await gridOf(8);
    assert.equal(grid.edges.length, 9);
    assert.equal(grid.edges[0], 0);
    assert.equal(grid.edges.at(-1), share.chunksPerShard);
    assert.deepEqual(
      grid.rows.map(({ shard, nodeId }) => [shard, nodeId]),
      share.holders.map(({ shard, nodeId }) => [shard, nodeId]),
    );
    for (const row of grid.rows) assert.equal(sum(row, 'held'), share.chunksPerShard, row.name);
  });

  it('has as many columns as are asked for, and no more than there are chunks', async () => {
    assert.equal((await gridOf(1)).edges.length, 2);
    assert.equal((await gridOf(256)).edges.length, 257);
    await assert.rejects(gridOf(257), (error) => PeerError.is(error, 'usage'));
    await assert.rejects(client.request('grid', { columns: 8 }), (error) =>
      PeerError.is(error, 'usage'),
    );
    const small = join(group.filesDir, 'small.bin');
    await writeRandomFile(small, 600);
    const { shareId, chunksPerShard } = await shareFile(group.get(0), small);
    const { edges } = await client.request('grid', { share: shareId, columns: 256 });
    assert.equal(edges.length, chunksPerShard + 1);
  });

  it('tells which chunks a download has proved, and of whom', async () => {
    const transferId = randomUUID();
    await client.request('get', {
      ...{ transferId, share: share.shareId, path: join(group.root, 'proved.bin') },
    });
    const grid = await gridOf(16);
    const proved = grid.rows.map((row) => sum(row, 'proved'));
    assert.equal(total(proved), share.k * share.chunksPerShard);
    for (const row of grid.rows) {
      assert.equal(sum(row, 'proved') + sum(row, 'held'), share.chunksPerShard);
      assert.equal(row.provedAt > 0, sum(row, 'proved') > 0);
      assert.equal(row.moving, undefined);
    }
  });

  it('tells where a verification found damage, and forgets it once it is repaired', async () => {
    const [bad] = share.holders;
    assert.ok(bad);
    const index = 100;
    flipByte(shardFile(bad), prologueBytes + index * chunkBytes + 300);
    const { ok } = await client.request('verify', {
      transferId: randomUUID(),
      share: share.shareId,
    });
    assert.equal(ok, false);
    const grid = await gridOf(share.chunksPerShard > 256 ? 256 : share.chunksPerShard);
    for (const row of grid.rows) {
      const isBad: boolean = row.nodeId === bad.nodeId;
      assert.equal(sum(row, 'damaged'), isBad ? 1 : 0, row.name);
      assert.equal(sum(row, 'reported'), share.chunksPerShard - (isBad ? 1 : 0), row.name);
      assert.ok(row.reportedAt > 0);
    }
    const damaged = grid.rows.find(({ nodeId }) => nodeId === bad.nodeId)?.chunks.damaged ?? [];
    const column = damaged.findIndex((count) => count === 1);
    assert.ok((grid.edges[column] ?? 0) <= index && index < (grid.edges[column + 1] ?? 0));

    await client.request('repair', { transferId: randomUUID(), share: share.shareId });
    for (const row of (await gridOf(8)).rows) assert.equal(sum(row, 'damaged'), 0, row.name);
  });

  it('follows a share while it is sent, and what is listed afterwards', async () => {
    const source = join(group.filesDir, 'large.bin');
    await writeRandomFile(source, 150_000_000);
    const transferId = randomUUID();
    const shared = client.request('share', { transferId, path: source });
    const state = { isOver: false };
    void shared.finally(() => {
      state.isOver = true;
    });
    let isPartial = false;
    let isMoving = false;
    // Each turn is a round trip to the peer, in which it works on.
    while (!state.isOver) {
      const grid = await client.request('grid', { transferId, columns: 32 }).catch(() => null);
      if (grid?.share !== null) continue;
      assert.equal(grid.name, 'large.bin');
      const stored = total(grid.rows.map((row) => sum(row, 'held')));
      isPartial ||= stored > 0 && stored < grid.rows.length * grid.chunksPerShard;
      isMoving ||= grid.rows.some(({ moving }) => total(moving ?? []) > 0);
    }
    assert.deepEqual({ isPartial, isMoving }, { isPartial: true, isMoving: true });
    const { share: listed } = await shared;
    await untilTransfer(client, transferId, ({ state }) => state === 'done');
    const after = await client.request('grid', { transferId, columns: 32 });
    assert.equal(after.share?.shareId, listed.shareId);
    for (const row of after.rows) assert.equal(row.moving, undefined);
  });

  it('is refused for what is not there', async () => {
    const isNotFound = (error: unknown): boolean => PeerError.is(error, 'not-found');
    await assert.rejects(client.request('grid', { share: 'no such', columns: 8 }), isNotFound);
    await assert.rejects(client.request('grid', { transferId: 'none', columns: 8 }), isNotFound);
  });

  function gridOf(columns: number): Promise<ShareGrid> {
    return client.request('grid', { share: share.shareId, columns });
  }

  function shardFile({ nodeId, shard }: { nodeId: string; shard: number }): string {
    const { name } = share.holders.find((one) => one.nodeId === nodeId) ?? assert.fail();
    const holder = group.peers.find((one) => one.name === name) ?? assert.fail(name);
    const suffix = `${share.shareId}.${String(shard)}.shard`;
    const files = filesBelow(join(holder.dataDir, 'shards'));
    return files.find((file) => file.endsWith(suffix)) ?? assert.fail(suffix);
  }
});

function sum(row: GridRow, state: ChunkState): number {
  return total(row.chunks[state] ?? []);
}

function total(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}
