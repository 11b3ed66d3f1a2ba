import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { HeldBy } from '../../src/store/store.js';
import { Circle, distinctShards, until } from './support/circle.js';

describe('what is lost is made anew', function () {
  this.timeout(90_000);
  let circle: Circle;
  beforeEach(async () => {
    circle = await Circle.of(6);
  });
  afterEach(() => circle.dispose());

  for (const [redundancy, size] of [
    ['2+2', 3_000_000],
    ['2+2', 100],
    ['copies:3', 1_500_000],
  ] as const) {
    it(`makes a lost shard of ${redundancy} anew, byte for byte, without its author and without a key (${String(size)} bytes)`, async () => {
      const author = circle.get(0);
      const shareId = await circle.share(author, size, redundancy);
      const lost = await circle.holder(shareId, 1);
      const before = readFileSync(lost.shardFile(shareId, 1));
      await Promise.all([author.stop(), lost.stop()]);
      const [first = assert.fail(), ...rest] = circle.running;
      for (const { peer } of circle.running) peer.membership.epochKey = () => undefined;
      const [done] = await first.repair(null);
      assert.ok(done);
      assert.deepEqual(
        done.shards.map(({ shard, outcome }) => [shard, outcome]),
        [[1, 'made']],
      );
      assert.equal(done.live, done.n);
      const taker = await circle.holder(shareId, 1);
      assert.deepEqual(readFileSync(taker.shardFile(shareId, 1)), before);
      for (const { peer } of circle.running) Reflect.deleteProperty(peer.membership, 'epochKey');
      for (const seat of rest) {
        await circle.untilHeld(shareId, seat, (held) =>
          held.some(({ holderId }) => holderId === taker.nodeId),
        );
      }
      await circle.assertComes(shareId, first);
      assert.deepEqual(await first.repair(null), []);
    });
  }

  it('waits for who may come back, unless told not to', async () => {
    const shareId = await circle.share(circle.get(0), 50_000, '2+2');
    const away = await circle.holder(shareId, 2);
    await away.stop();
    const [one = assert.fail()] = circle.others(circle.get(0));
    assert.deepEqual(await one.repair(null, false), []);
    const [done] = await one.repair(shareId, true);
    assert.deepEqual(
      done?.shards.map(({ outcome }) => outcome),
      ['made'],
    );
  });

  it('is done by the peers themselves once a holder has been away for the grace; what comes back is settled', async () => {
    const author = circle.get(0);
    const shareId = await circle.share(author, 500_000, '2+2');
    const away = await circle.holder(shareId, 0);
    await Promise.all([author.stop(), away.stop()]);
    const quick = { everyMs: 100, patienceMs: 0, turnMs: 300, graceMs: 200, graceOthersMs: 200 };
    for (const seat of circle.running) await seat.looksAfter(quick);
    const [one = assert.fail()] = circle.running;
    const isMade = (held: readonly HeldBy[]): boolean => {
      const here = held.filter(({ holderId }) => holderId !== away.nodeId);
      return distinctShards(here) === 4;
    };
    await circle.untilHeld(shareId, one, isMade);
    await away.start();
    await away.looksAfter(quick);
    await circle.untilHeld(shareId, one, (held) => held.length === 4 && distinctShards(held) === 4);
    // By the disks too: files go after the word.
    await until(one.peer, async () => (await circle.holders(shareId)).length === 4, 'the disks');
    await circle.assertWhole(shareId, one);
  });

  it('finds who acknowledged what it does not have, and has it made elsewhere', async () => {
    const shareId = await circle.share(circle.get(0), 300_000, '2+2');
    const liar = await circle.holder(shareId, 1);
    const { shards } = liar.store;
    // It answers to everything, and has thrown the bytes away.
    shards.readPiece = () =>
      Promise.resolve({ bytes: new Uint8Array(512), release: () => undefined });
    shards.check = () => Promise.resolve([]);
    const quick = { everyMs: 100, patienceMs: 0, turnMs: 200 };
    for (const seat of circle.others(liar, circle.get(0))) await seat.looksAfter(quick);
    const [one = assert.fail()] = circle.others(liar, circle.get(0));
    await circle.untilHeld(shareId, one, (held) =>
      held.some(({ shard, holderId }) => shard === 1 && holderId !== liar.nodeId),
    );
  });
});
