import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { PeerError } from '../../src/common/errors.js';
import { flipByte } from '../support/files.js';
import { Circle, distinctShards } from './support/circle.js';

const { signal } = new AbortController();

describe('a member leaves', function () {
  this.timeout(90_000);
  let circle: Circle;
  beforeEach(async () => {
    circle = await Circle.of(6);
  });
  afterEach(() => circle.dispose());

  it('leaves: everything is with others before it goes, and nothing comes back', async () => {
    const leaver = circle.get(2);
    const shares: string[] = [];
    for (let at = 0; at < 3; at++) shares.push(await circle.share(circle.get(0), 40_000, '2+2'));
    const held = (await leaver.store.shards.allHeld()).length;
    const left = await leaver.peer.maintenance.leave('leave', false, signal);
    assert.deepEqual(left, { moved: held, behind: [] });
    assert.deepEqual(await leaver.store.shards.allHeld(), []);
    const one = circle.get(1);
    for (const shareId of shares) {
      await circle.untilHeld(
        shareId,
        one,
        (now) =>
          distinctShards(now) === 4 && now.every(({ holderId }) => holderId !== leaver.nodeId),
      );
    }
    const again = await circle.share(circle.get(0), 40_000, '2+2');
    assert.equal(await leaver.shardOf(again), undefined);
    await leaver.stop();
    for (const shareId of [...shares, again]) await circle.assertWhole(shareId, one);
  });

  it('leaves with nothing, whatever is committed, dropped or begun meanwhile', async () => {
    const leaver = circle.get(2);
    const { shards } = leaver.store;
    // One that it promised, and could not commit.
    const { commit } = shards;
    shards.commit = () => Promise.reject(new PeerError('disk', 'It failed just then.'));
    const promised = await circle.share(circle.get(0), 40_000, '3+2');
    Reflect.deleteProperty(shards, 'commit');
    assert.equal(shards.commit, commit);
    const [receipted] = await shards.held(promised);
    assert.equal(receipted?.state, 'receipted');
    // One that somebody else has as well; it is dropped as surplus right after the leaver has seen it.
    const twice = await circle.share(circle.get(0), 40_000, '3+2');
    const shard = (await leaver.shardOf(twice)) ?? assert.fail();
    await leaver.stop();
    const [one = assert.fail()] = circle.others(circle.get(0));
    await one.repair(twice);
    await leaver.start();
    await circle.meet();
    const again = leaver.store.shards;
    const { allHeld } = Object.getPrototypeOf(again) as typeof again;
    again.allHeld = async () => {
      const held = await allHeld.call(again);
      if (held.some((held) => held.shareId === twice)) await again.remove(twice, shard);
      return held;
    };
    // And one that is being received, whose author is gone.
    const { geometry, authorId } = receipted;
    const begun = 'ab'.repeat(16);
    await again.stage({ shareId: begun, shard: 0, geometry, authorId });
    const left = await leaver.peer.maintenance.leave('leave', false, signal);
    assert.deepEqual(left.behind, []);
    assert.deepEqual(await allHeld.call(again), []);
    for (const shareId of [promised, twice]) {
      await circle.untilHeld(
        shareId,
        one,
        (now) =>
          distinctShards(now) === 5 && now.every(({ holderId }) => holderId !== leaver.nodeId),
      );
    }
    await leaver.stop();
    for (const shareId of [promised, twice]) await circle.assertWhole(shareId, one);
  });

  it('leaves with a shard that another one holds as well, and has put right since it was found damaged', async () => {
    const shareId = await circle.share(circle.get(0), 40_000, '2+2');
    const twice = await circle.holder(shareId, 1);
    await twice.stop();
    const [one = assert.fail()] = circle.others(circle.get(0));
    await one.repair(shareId);
    const leaver = await circle.holder(shareId, 1);
    await twice.start();
    await circle.meet();
    const file = twice.shardFile(shareId, 1);
    flipByte(file, 512 + 512 * 3 + 100);
    const checks = await leaver.peer.maintenance.verify('verify', shareId, signal);
    assert.deepEqual(
      checks.filter(({ status }) => status !== 'ok').map(({ holderId }) => holderId),
      [twice.nodeId],
    );
    flipByte(file, 512 + 512 * 3 + 100);
    const left = await leaver.peer.maintenance.leave('leave', false, signal);
    assert.deepEqual(left, { moved: 1, behind: [] });
    await leaver.stop();
    await circle.assertWhole(shareId, twice);
  });

  it('leaves with a shard that is damaged here, once others have a whole one', async () => {
    const shareId = await circle.share(circle.get(0), 40_000, '2+2');
    const leaver = await circle.holder(shareId, 1);
    rmSync(leaver.shardFile(shareId, 1));
    const left = await leaver.peer.maintenance.leave('leave', false, signal);
    assert.deepEqual(left, { moved: 1, behind: [] });
    await leaver.stop();
    const [one = assert.fail()] = circle.others(circle.get(0));
    await circle.untilHeld(shareId, one, (held) => distinctShards(held) === 4);
    await circle.assertWhole(shareId, one);
  });
});

describe('a member leaves a group in which nobody can take more', function () {
  this.timeout(90_000);
  let circle: Circle;
  beforeEach(async () => {
    circle = await Circle.of(4);
  });
  afterEach(() => circle.dispose());

  it('keeps what nobody can take, and gives it up only when forced', async () => {
    // Everybody but its author holds a shard, and so does the author.
    const shareId = await circle.share(circle.get(0), 40_000, '2+2');
    const leaver = circle.get(1);
    const left = await leaver.peer.maintenance.leave('leave', false, signal);
    assert.equal(left.moved, 0);
    assert.deepEqual(
      left.behind.map(({ shareId: id, spare }) => [id, spare]),
      [[shareId, 1]],
    );
    assert.notEqual(await leaver.shardOf(shareId), undefined);
    const forced = await leaver.peer.maintenance.leave('leave again', true, signal);
    assert.equal(forced.behind.length, 1);
    assert.equal(await leaver.shardOf(shareId), undefined);
    await circle.untilHeld(shareId, circle.get(2), (held) => held.length === 3);
    // A newcomer completes it.
    await circle.add();
    const [done] = await circle.get(2).repair(null, false);
    assert.equal(done?.live, 4);
  });
});
