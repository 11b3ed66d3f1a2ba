import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { fromHex } from '../../src/common/bytes.js';
import { flipByte } from '../support/files.js';
import { Circle, type Seat } from './support/circle.js';

const { signal } = new AbortController();

describe('members take shards', function () {
  this.timeout(90_000);
  let circle: Circle;
  beforeEach(async () => {
    circle = await Circle.of(6);
  });
  afterEach(() => circle.dispose());

  it('has a shard taken also by one that keeps the beginning of another, which its author did without', async () => {
    const author = circle.get(0);
    const shareId = await circle.share(author, 40_000, '2+2');
    const held = await circle.holders(shareId);
    const [one = assert.fail(), gone = assert.fail()] = held;
    const free = circle.others(author, ...held)[0] ?? assert.fail();
    const [known = assert.fail()] = await one.store.shards.held(shareId);
    await free.store.shards.stage(known); // of shard 0, and shard 1 is what will be missing
    await Promise.all([author.stop(), gone.stop()]);
    const [done] = await one.repair(shareId);
    assert.deepEqual(
      done?.shards.map(({ holderId, outcome }) => [holderId, outcome]),
      [[free.nodeId, 'made']],
    );
    assert.equal((await free.store.shards.held(shareId)).length, 1);
  });

  it('tells each of those who ask in turn how it ended', async () => {
    const [shareId, later] = [
      await circle.share(circle.get(0), 50_000, '2+2'),
      await circle.share(circle.get(0), 50_000, 'copies:5'),
    ];
    const taker = await circle.holder(shareId, 1);
    const [one = assert.fail(), two = assert.fail()] = circle.others(circle.get(0), taker);
    for (const asker of [one, two]) {
      assert.equal(await askToTake(asker, taker, shareId, 1), null);
      await untilTaken(circle.get(0), taker, later); // what comes after it ends after it
    }
    for (const asker of [one, two])
      assert.notEqual(await askToTake(asker, taker, shareId, 1), null);
  });

  it('looks again for whoever did not ask before: what was whole may have rotted since', async () => {
    const [shareId, later] = [
      await circle.share(circle.get(0), 50_000, '2+2'),
      await circle.share(circle.get(0), 50_000, 'copies:5'),
    ];
    const rotten = await circle.holder(shareId, 1);
    const [asker = assert.fail(), one = assert.fail()] = circle.others(circle.get(0), rotten);
    // It has begun to look, and nobody asks it how that ended; what comes after it ends after it.
    assert.equal(await askToTake(asker, rotten, shareId, 1), null);
    await untilTaken(asker, rotten, later);
    const file = rotten.shardFile(shareId, 1);
    const before = readFileSync(file);
    flipByte(file, 512 + 512 * 3 + 100);
    const [done] = await one.repair(shareId);
    assert.deepEqual(done?.shards, [
      { shard: 1, holderId: rotten.nodeId, outcome: 'mended', problem: null },
    ]);
    assert.deepEqual(readFileSync(file), before);
  });

  it('does not wait for one that is busy with what people wait for: another one takes the shard', async () => {
    const author = circle.get(0);
    const shareId = await circle.share(author, 40_000, '2+2');
    const held = await circle.holders(shareId);
    const busy = circle.others(author, ...held)[0] ?? assert.fail();
    const [gone = assert.fail(), one = assert.fail()] = held;
    const ended = Promise.withResolvers<null>();
    const transfer = busy.peer.transfers.run(
      { transferId: 'busy', kind: 'get', name: 'x', path: null },
      signal,
      () => ended.promise,
    );
    await gone.stop();
    const quick = { everyMs: 100, patienceMs: 0, turnMs: 300, graceMs: 200, graceOthersMs: 200 };
    for (const seat of circle.running) await seat.looksAfter(quick);
    await circle.untilHeld(shareId, one, (now) =>
      now.some(({ holderId }) => holderId === author.nodeId),
    );
    ended.resolve(null);
    await transfer;
  });
});

/** Asks a peer for a shard. @returns its receipt; null while it is at it */
async function askToTake(
  asker: Seat,
  taker: Seat,
  shareId: string,
  shard: number,
): Promise<Uint8Array | null> {
  const { connection } = asker.peer.mesh.get(taker.nodeId) ?? assert.fail();
  const share = fromHex(shareId);
  return (await connection.request({ t: 'take', share, shard, now: true })).message.receipt;
}

/** Asks it for the shard that it has, until it has looked at that. */
async function untilTaken(asker: Seat, taker: Seat, shareId: string): Promise<void> {
  const shard = (await taker.shardOf(shareId)) ?? assert.fail();
  while ((await askToTake(asker, taker, shareId, shard)) === null)
    await taker.peer.catalog.commitOf(shareId);
}
