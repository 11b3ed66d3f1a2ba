import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { fromHex } from '../../../src/common/bytes.js';
import { PeerError } from '../../../src/common/errors.js';
import type { ShareRepair } from '../../../src/peer/repair/repairer.js';
import type { HeldBy } from '../../../src/store/store.js';
import { Circle, until, type Seat } from '../support/circle.js';
import { PeerFixture } from '../support/peerFixture.js';

const { signal } = new AbortController();
const distinct = (held: readonly HeldBy[]): number => new Set(held.map(({ shard }) => shard)).size;

describe('repair among whole peers', function () {
  this.timeout(90_000);
  let fixture: PeerFixture;
  let circle: Circle;
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(async () => {
    circle = new Circle(fixture);
    await circle.grow(6);
  });
  afterEach(() => circle.close());
  after(() => fixture.remove());

  const repair = (on: Seat, shareId: string | null, now = true): Promise<readonly ShareRepair[]> =>
    on.peer.maintenance.repair(
      'repair',
      shareId === null ? null : { shareId, name: 'x' },
      now,
      signal,
    );
  const holder = async (shareId: string, shard: number): Promise<Seat> =>
    (await circle.holders(shareId))[shard] ?? assert.fail('nobody holds it');
  /** Members without this one, and without the author. */
  const others = (...not: readonly Seat[]): Seat[] =>
    circle.running.filter((seat) => !not.includes(seat));

  for (const [redundancy, size] of [
    ['2+2', 3_000_000],
    ['2+2', 100],
    ['copies:3', 1_500_000],
  ] as const) {
    it(`makes a lost shard of ${redundancy} anew, byte for byte, without its author and without a key (${String(size)} bytes)`, async () => {
      const author = circle.get(0);
      const shareId = await circle.share(author, size, redundancy);
      const lost = await holder(shareId, 1);
      const before = readFileSync(lost.shardFile(shareId, 1));
      await Promise.all([author.stop(), lost.stop()]);
      const [first = assert.fail(), ...rest] = circle.running;
      for (const { peer } of circle.running) peer.membership.epochKey = () => undefined;
      const [done] = await repair(first, null);
      assert.ok(done);
      assert.deepEqual(
        done.shards.map(({ shard, outcome }) => [shard, outcome]),
        [[1, 'made']],
      );
      assert.equal(done.live, done.n);
      const taker = await holder(shareId, 1);
      assert.deepEqual(readFileSync(taker.shardFile(shareId, 1)), before);
      for (const { peer } of circle.running) Reflect.deleteProperty(peer.membership, 'epochKey');
      for (const seat of rest) {
        await circle.untilHeld(shareId, seat, (held) =>
          held.some(({ holderId }) => holderId === taker.nodeId),
        );
      }
      await circle.assertComes(shareId, first);
      assert.deepEqual(await repair(first, null), []);
    });
  }

  it('waits for who may come back, unless told not to', async () => {
    const shareId = await circle.share(circle.get(0), 50_000, '2+2');
    const away = await holder(shareId, 2);
    await away.stop();
    const [one = assert.fail()] = others(circle.get(0));
    assert.deepEqual(await repair(one, null, false), []);
    const [done] = await repair(one, shareId, true);
    assert.deepEqual(
      done?.shards.map(({ outcome }) => outcome),
      ['made'],
    );
  });

  it('is done by the peers themselves once a holder has been away for the grace; what comes back is settled', async () => {
    const author = circle.get(0);
    const shareId = await circle.share(author, 500_000, '2+2');
    const away = await holder(shareId, 0);
    await Promise.all([author.stop(), away.stop()]);
    const quick = { everyMs: 100, patienceMs: 0, turnMs: 300, graceMs: 200, graceOthersMs: 200 };
    for (const seat of circle.running) await seat.looksAfter(quick);
    const [one = assert.fail()] = circle.running;
    const isMade = (held: readonly HeldBy[]): boolean => {
      const here = held.filter(({ holderId }) => holderId !== away.nodeId);
      return distinct(here) === 4;
    };
    await circle.untilHeld(shareId, one, isMade);
    await away.start();
    await away.looksAfter(quick);
    await circle.untilHeld(shareId, one, (held) => held.length === 4 && distinct(held) === 4);
    // By the disks too: files go after the word.
    await until(one.peer, async () => (await circle.holders(shareId)).length === 4, 'the disks');
    await circle.assertWhole(shareId, one);
  });

  it('relies again on what was found damaged, once it was put right without a word', async () => {
    const author = circle.get(0);
    const shareId = await circle.share(author, 50_000, '2+2');
    const away = await holder(shareId, 0);
    await away.stop();
    const [one = assert.fail()] = others(author);
    await repair(one, shareId);
    const taker = await holder(shareId, 0);
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
    await circle.untilHeld(shareId, one, (held) => held.length === 4 && distinct(held) === 4);
    await circle.assertWhole(shareId, one);
  });

  it('heals a rotten chunk in place, from a scrub that nobody asked for', async () => {
    const shareId = await circle.share(circle.get(0), 3_000_000, '2+2');
    const rotten = await holder(shareId, 3);
    const file = rotten.shardFile(shareId, 3);
    const before = readFileSync(file);
    flipByte(file, 512 + 777 * 512 + 40);
    await rotten.looksAfter({ everyMs: 100, scrubMs: 1000 });
    await untilOnDisk(() => readFileSync(file).equals(before));
    await circle.assertWhole(shareId, circle.get(1));
  });

  it('puts right what a verification finds, at whoever has it', async () => {
    const shareId = await circle.share(circle.get(0), 2_000_000, '2+2');
    const [damaged, missing] = [await holder(shareId, 0), await holder(shareId, 2)];
    flipByte(damaged.shardFile(shareId, 0), 512 + 512 * 3 + 100);
    rmSync(missing.shardFile(shareId, 2));
    rmSync(missing.shardFile(shareId, 2).replace(/shard$/, 'hashes'));
    await missing.stop();
    await missing.start(); // its index forgets what is not there
    await circle.meet();
    const [done] = await repair(circle.get(0), shareId, false);
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
    const lost = await holder(shareId, 1);
    const before = readFileSync(lost.shardFile(shareId, 1));
    await lost.stop();
    const [one = assert.fail()] = others(circle.get(0));
    const made = (await repair(one, shareId))[0]?.shards;
    const taker = await holder(shareId, 1);
    assert.deepEqual(made, [{ shard: 1, holderId: taker.nodeId, outcome: 'made', problem: null }]);
    rmSync(taker.shardFile(shareId, 1));
    await repair(one, shareId);
    assert.deepEqual(readFileSync(taker.shardFile(shareId, 1)), before);
  });

  it('puts right also what another one holds as well', async () => {
    const shareId = await circle.share(circle.get(0), 50_000, '2+2');
    const twice = await holder(shareId, 1);
    const file = twice.shardFile(shareId, 1);
    const before = readFileSync(file);
    await twice.stop();
    const [one = assert.fail()] = others(circle.get(0));
    await repair(one, shareId);
    await twice.start();
    await circle.meet();
    flipByte(file, 512 + 512 * 3 + 100);
    const [done] = await repair(one, shareId);
    assert.deepEqual(done?.shards, []);
    assert.deepEqual(readFileSync(file), before);
  });

  it('finds who acknowledged what it does not have, and has it made elsewhere', async () => {
    const shareId = await circle.share(circle.get(0), 300_000, '2+2');
    const liar = await holder(shareId, 1);
    const { shards } = liar.store;
    // It answers to everything, and has thrown the bytes away.
    shards.readPiece = () =>
      Promise.resolve({ bytes: new Uint8Array(512), release: () => undefined });
    shards.check = () => Promise.resolve([]);
    const quick = { everyMs: 100, patienceMs: 0, turnMs: 200 };
    for (const seat of others(liar, circle.get(0))) await seat.looksAfter(quick);
    const [one = assert.fail()] = others(liar, circle.get(0));
    await circle.untilHeld(shareId, one, (held) =>
      held.some(({ shard, holderId }) => shard === 1 && holderId !== liar.nodeId),
    );
  });

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
        (now) => distinct(now) === 4 && now.every(({ holderId }) => holderId !== leaver.nodeId),
      );
    }
    const again = await circle.share(circle.get(0), 40_000, '2+2');
    assert.equal(await leaver.shardOf(again), undefined);
    await leaver.stop();
    for (const shareId of [...shares, again]) await circle.assertWhole(shareId, one);
  });

  it('keeps what nobody can take, and gives it up only when forced', async () => {
    const small = new Circle(fixture);
    try {
      await small.grow(4);
      // Everybody but its author holds a shard, and so does the author.
      const shareId = await small.share(small.get(0), 40_000, '2+2');
      const leaver = small.get(1);
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
      await small.untilHeld(shareId, small.get(2), (held) => held.length === 3);
      // A newcomer completes it.
      await small.add();
      const [done] = await repair(small.get(2), null, false);
      assert.equal(done?.live, 4);
    } finally {
      await small.close();
    }
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
    const [one = assert.fail()] = others(circle.get(0));
    await repair(one, twice);
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
        (now) => distinct(now) === 5 && now.every(({ holderId }) => holderId !== leaver.nodeId),
      );
    }
    await leaver.stop();
    for (const shareId of [promised, twice]) await circle.assertWhole(shareId, one);
  });

  it('leaves with a shard that is damaged here, once others have a whole one', async () => {
    const shareId = await circle.share(circle.get(0), 40_000, '2+2');
    const leaver = await holder(shareId, 1);
    rmSync(leaver.shardFile(shareId, 1));
    const left = await leaver.peer.maintenance.leave('leave', false, signal);
    assert.deepEqual(left, { moved: 1, behind: [] });
    await leaver.stop();
    const [one = assert.fail()] = others(circle.get(0));
    await circle.untilHeld(shareId, one, (held) => distinct(held) === 4);
    await circle.assertWhole(shareId, one);
  });

  it('has a shard taken also by one that keeps the beginning of another, which its author did without', async () => {
    const author = circle.get(0);
    const shareId = await circle.share(author, 40_000, '2+2');
    const held = await circle.holders(shareId);
    const [one = assert.fail(), gone = assert.fail()] = held;
    const free = others(author, ...held)[0] ?? assert.fail();
    const [known = assert.fail()] = await one.store.shards.held(shareId);
    await free.store.shards.stage(known); // of shard 0, and shard 1 is what will be missing
    await Promise.all([author.stop(), gone.stop()]);
    const [done] = await repair(one, shareId);
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
    const taker = await holder(shareId, 1);
    const [one = assert.fail(), two = assert.fail()] = others(circle.get(0), taker);
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
    const rotten = await holder(shareId, 1);
    const [asker = assert.fail(), one = assert.fail()] = others(circle.get(0), rotten);
    // It has begun to look, and nobody asks it how that ended; what comes after it ends after it.
    assert.equal(await askToTake(asker, rotten, shareId, 1), null);
    await untilTaken(asker, rotten, later);
    const file = rotten.shardFile(shareId, 1);
    const before = readFileSync(file);
    flipByte(file, 512 + 512 * 3 + 100);
    const [done] = await repair(one, shareId);
    assert.deepEqual(done?.shards, [
      { shard: 1, holderId: rotten.nodeId, outcome: 'mended', problem: null },
    ]);
    assert.deepEqual(readFileSync(file), before);
  });

  it('does not wait for one that is busy with what people wait for: another one takes the shard', async () => {
    const author = circle.get(0);
    const shareId = await circle.share(author, 40_000, '2+2');
    const held = await circle.holders(shareId);
    const busy = others(author, ...held)[0] ?? assert.fail();
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

  it('moves to newcomers what belongs to them, and ends', async () => {
    const small = new Circle(fixture);
    try {
      await small.grow(5);
      const shares: string[] = [];
      for (let at = 0; at < 4; at++) shares.push(await small.share(small.get(0), 2_000, '2+2'));
      const newcomer = await small.add();
      const quick = { everyMs: 100, patienceMs: 0, turnMs: 500 };
      for (const seat of small.running) await seat.looksAfter(quick);
      const one = small.get(1);
      await until(
        one.peer,
        async () => {
          const held = await Promise.all(shares.map((id) => newcomer.shardOf(id)));
          return held.some((shard) => shard !== undefined);
        },
        'the newcomer to hold something',
      );
      for (const shareId of shares) {
        // The newcomer asks, and may hear later than others who has let go of what.
        for (const seat of [one, newcomer]) {
          await small.untilHeld(shareId, seat, (held) => held.length === 4 && distinct(held) === 4);
        }
        await small.assertWhole(shareId, newcomer);
      }
    } finally {
      await small.close();
    }
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

/** For what no peer tells of: the disk. */
async function untilOnDisk(check: () => boolean): Promise<void> {
  const deadline = performance.now() + 40_000;
  while (!check()) {
    if (performance.now() > deadline) assert.fail('it was never so');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function flipByte(file: string, at: number): void {
  const byte = readFileSync(file)[at] ?? 0;
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.from([byte ^ 0x20]), 0, 1, at);
  closeSync(fd);
}
