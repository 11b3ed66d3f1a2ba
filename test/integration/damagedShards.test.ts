import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { flipByte } from '../support/files.js';
import { Circle, distinctShards } from './support/circle.js';

const { signal } = new AbortController();

describe('what is damaged is put right', function () {
  this.timeout(90_000);
  let circle: Circle;
  beforeEach(async () => {
    circle = await Circle.of(6);
  });
  afterEach(() => circle.dispose());

  it('relies again on what was found damaged, once it was put right without a word', async () => {
    const author = circle.get(0);
    const shareId = await circle.share(author, 50_000, '2+2');
    const away = await circle.holder(shareId, 0);
    await away.stop();
    const [one = assert.fail()] = circle.others(author);
    await one.repair(shareId);
    const taker = await circle.holder(shareId, 0);
    await away.start();
    await circle.meet();
    // Both have it, and each finds the other one's damaged.
    for (const [seat, other] of [
      [away, taker],
      [taker, away],
    ] as const) {
      const file = other.shardFile(shareId, 0);
      flipByte(file, 512 + 512 * 3 + 100);
      const checks = await seat.peer.maintenance.verify(`verify ${seat.nodeId}`, shareId, signal);
      assert.equal(checks.filter(({ status }) => status !== 'ok').length, 1);
      flipByte(file, 512 + 512 * 3 + 100);
    }
    const quick = { everyMs: 100, patienceMs: 0, turnMs: 300 };
    for (const seat of circle.running) await seat.looksAfter(quick);
    await circle.untilHeld(shareId, one, (held) => held.length === 4 && distinctShards(held) === 4);
    await circle.assertWhole(shareId, one);
  });

  it('heals a rotten chunk in place, from a scrub that nobody asked for', async () => {
    const shareId = await circle.share(circle.get(0), 3_000_000, '2+2');
    const rotten = await circle.holder(shareId, 3);
    const file = rotten.shardFile(shareId, 3);
    const before = readFileSync(file);
    flipByte(file, 512 + 777 * 512 + 40);
    await rotten.looksAfter({ everyMs: 100, scrubMs: 1000 });
    await untilOnDisk(() => readFileSync(file).equals(before));
    await circle.assertWhole(shareId, circle.get(1));
  });

  it('puts right what a verification finds, at whoever has it', async () => {
    const shareId = await circle.share(circle.get(0), 2_000_000, '2+2');
    const [damaged, missing] = [await circle.holder(shareId, 0), await circle.holder(shareId, 2)];
    flipByte(damaged.shardFile(shareId, 0), 512 + 512 * 3 + 100);
    rmSync(missing.shardFile(shareId, 2));
    rmSync(missing.shardFile(shareId, 2).replace(/shard$/, 'hashes'));
    await missing.stop();
    await missing.start(); // its index forgets what is not there
    await circle.meet();
    const [done] = await circle.get(0).repair(shareId, false);
    assert.deepEqual(
      done?.shards.map(({ shard, outcome, holderId }) => [shard, outcome, holderId]),
      [
        [0, 'mended', damaged.nodeId],
        [2, 'mended', missing.nodeId],
      ],
    );
    await circle.assertWhole(shareId, circle.get(1));
  });

  it('puts right what was removed the moment after it was made', async () => {
    const shareId = await circle.share(circle.get(0), 50_000, '2+2');
    const lost = await circle.holder(shareId, 1);
    const before = readFileSync(lost.shardFile(shareId, 1));
    await lost.stop();
    const [one = assert.fail()] = circle.others(circle.get(0));
    const made = (await one.repair(shareId))[0]?.shards;
    const taker = await circle.holder(shareId, 1);
    assert.deepEqual(made, [{ shard: 1, holderId: taker.nodeId, outcome: 'made', problem: null }]);
    rmSync(taker.shardFile(shareId, 1));
    await one.repair(shareId);
    assert.deepEqual(readFileSync(taker.shardFile(shareId, 1)), before);
  });

  it('puts right also what another one holds as well', async () => {
    const shareId = await circle.share(circle.get(0), 50_000, '2+2');
    const twice = await circle.holder(shareId, 1);
    const file = twice.shardFile(shareId, 1);
    const before = readFileSync(file);
    await twice.stop();
    const [one = assert.fail()] = circle.others(circle.get(0));
    await one.repair(shareId);
    await twice.start();
    await circle.meet();
    flipByte(file, 512 + 512 * 3 + 100);
    const [done] = await one.repair(shareId);
    assert.deepEqual(done?.shards, []);
    assert.deepEqual(readFileSync(file), before);
  });
});

/** For what no peer tells of: the disk. */
async function untilOnDisk(check: () => boolean): Promise<void> {
  const deadline = performance.now() + 40_000;
  while (!check()) {
    if (performance.now() > deadline) assert.fail('it was never so');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
