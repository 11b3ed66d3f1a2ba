import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { chunksPerShard } from '../../src/chunk/geometry.js';
import { PeerError } from '../../src/common/errors.js';
import { verifyShare, type ShardCheck } from '../../src/peer/verify.js';
import { isSound } from '../../src/peer/verifyAll.js';
import { Actor } from './support/actor.js';
import { MadeFile } from './support/madeFile.js';
import { gone, hang, type MemoryHolder } from './support/memoryHolder.js';
import { rejects } from './support/rejects.js';

const actors = Array.from({ length: 4 }, (_, index) => new Actor(`holder ${String(index)}`));
const author = new Actor('author');
const file = new MadeFile({
  groupId: 'ab'.repeat(32),
  author,
  epochKey: new Uint8Array(32),
  size: 9_000,
});
const perShard = chunksPerShard(file.geometry);

describe('verifyShare', () => {
  let holders: MemoryHolder[];
  let locations: { readonly holderId: string; readonly shard: number }[];
  beforeEach(() => {
    holders = actors.map((actor, shard) => {
      const holder = file.holder(actor, shard);
      holder.scanned = { chunksChecked: perShard, badChunks: [], root: file.rootOf(shard) };
      return holder;
    });
    locations = actors.map(({ nodeId }, shard) => ({ holderId: nodeId, shard }));
  });

  const holder = (index: number): MemoryHolder => holders[index] ?? assert.fail();
  function verify(
    onProgress: (done: number, total: number, peers: number) => void = () => undefined,
    signal = new AbortController().signal,
    hear: (nodeId: string) => void = () => undefined,
  ): Promise<readonly ShardCheck[]> {
    return verifyShare({
      share: file.opened(),
      locations: () => Promise.resolve(locations),
      hear: (nodeId) => {
        hear(nodeId);
        return Promise.resolve();
      },
      holder: (nodeId) => holders.find((one) => one.nodeId === nodeId),
      signal,
      onProgress,
    });
  }

  it('reports whole shards of everybody', async () => {
    const checks = await verify();
    assert.deepEqual(
      checks.map(({ status, chunksChecked }) => [status, chunksChecked]),
      [...actors.map(() => ['ok', perShard])],
    );
  });

  it('finds a share sound only when somebody has each of its shards', async () => {
    const { row } = file.opened();
    assert.ok(isSound(await verify(), row));
    locations = locations.slice(1);
    assert.equal(isSound(await verify(), row), false);
    locations = [];
    assert.equal(isSound(await verify(), row), false);
  });

  it('tells how many bytes of all shards were re-read, and by how many that are there', async () => {
    const progress: number[][] = [];
    await verify((...figures) => progress.push(figures));
    const whole = holders.reduce((sum, { pieces }) => sum + bytesOf(pieces), 0);
    assert.deepEqual(progress.at(-1), [whole, whole, 4]);
    assert.deepEqual(progress[0], [whole / 4, whole, 4]);
    holders = holders.slice(1);
    await verify((...figures) => progress.push(figures));
    assert.deepEqual(progress.at(-1), [(whole / 4) * 3, whole, 3]);
  });

  it('names the chunks that are bad by their number in the share', async () => {
    holder(2).scanned = { ...holder(2).scanned, badChunks: [0, 3, perShard] };
    const checks = await verify();
    assert.equal(checks[2]?.status, 'damaged');
    assert.deepEqual(checks[2].badChunks, [2 * perShard, 2 * perShard + 3]);
    assert.equal(checks[1]?.status, 'ok');
  });

  it('does not take another root, or half of the chunks, for whole', async () => {
    holder(0).scanned = { ...holder(0).scanned, root: new Uint8Array(32) };
    holder(1).scanned = { ...holder(1).scanned, chunksChecked: perShard - 1 };
    holder(3).scanned = {
      ...holder(3).scanned,
      badChunks: [perShard + 7],
      root: new Uint8Array(32),
    };
    const checks = await verify();
    assert.deepEqual(
      checks.map(({ status }) => status),
      ['lied', 'lied', 'ok', 'lied'],
    );
  });

  it('tells apart who lacks the shard, who is away and who cannot read', async () => {
    holder(0).before = () => {
      throw new PeerError('not-found', 'No such shard.');
    };
    holder(1).before = gone;
    holder(2).before = () => {
      throw new PeerError('disk', 'It cannot be read.');
    };
    holders = holders.slice(0, 3);
    const checks = await verify();
    assert.deepEqual(
      checks.map(({ status }) => status),
      ['missing', 'unreachable', 'damaged', 'unreachable'],
    );
    assert.ok(checks.every(({ problem }) => problem !== null));
  });

  it('asks who took a shard that was brought elsewhere while its holder was asked', async () => {
    const [from, to] = [holder(1), file.holder(new Actor('newcomer'), 1)];
    to.scanned = { ...from.scanned };
    holders.push(to);
    from.before = () => {
      throw new PeerError('not-found', 'No such shard.');
    };
    const statuses = async (hear: (nodeId: string) => void): Promise<readonly unknown[]> =>
      (await verify(undefined, undefined, hear)).map(({ holderId, status }) => [holderId, status]);
    const ok = [0, 2, 3].map((shard) => [holder(shard).nodeId, 'ok']);
    const heard: string[] = [];
    assert.deepEqual(
      (await statuses((nodeId) => heard.push(nodeId))).toSorted(),
      [...ok, [from.nodeId, 'missing']].toSorted(),
    );
    assert.deepEqual(heard, [from.nodeId]);
    const moved = (): void => {
      locations = locations.map((one) => (one.shard === 1 ? { ...one, holderId: to.nodeId } : one));
    };
    assert.deepEqual(await statuses(moved), [...ok, [to.nodeId, 'ok']]);
  });

  it('is not led beyond the end by what a holder says of its progress', async () => {
    holder(0).scanned = { ...holder(0).scanned, chunksChecked: 2 ** 40 };
    const seen: number[] = [];
    await verify((done, total) => {
      assert.ok(done <= total);
      seen.push(done);
    });
    assert.ok(seen.length > 0);
  });

  it('ends when cancelled', async () => {
    const controller = new AbortController();
    holder(1).before = (_step, signal) => {
      queueMicrotask(() => {
        controller.abort();
      });
      return hang(signal);
    };
    await rejects('cancelled', () => verify(undefined, controller.signal));
  });
});

function bytesOf(pieces: ReadonlyMap<number, Uint8Array>): number {
  return [...pieces.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
