import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { cheapest, Source } from '../../../src/peer/get/sources.js';
import { Actor } from '../support/actor.js';
import { MemoryHolder } from '../support/memoryHolder.js';

const actor = new Actor('holder');
const source = (shard: number, parity = false): Source =>
  new Source(new MemoryHolder(actor, '00'.repeat(32)), shard, parity);

describe('sources', () => {
  it('prefer data to parity while nothing is known', () => {
    const [data, parity] = [source(0), source(2, true)];
    assert.deepEqual(cheapest([parity, data], 0), [data, parity]);
  });

  it('prefer who answered sooner, and who is less busy', () => {
    const [slow, quick] = [source(0), source(1)];
    slow.answered(90, 100);
    quick.answered(10, 100);
    assert.deepEqual(cheapest([slow, quick], 0), [quick, slow]);
    quick.outstanding = 20;
    assert.deepEqual(cheapest([slow, quick], 0), [slow, quick]);
  });

  it('name one holder a shard, and leave out who failed or is in use', () => {
    const [first, second, failed, used] = [source(0), source(0), source(1), source(2)];
    first.answered(5, 1);
    second.answered(50, 1);
    failed.failed = new PeerError('closed', 'gone');
    const all = [second, used, failed, first];
    assert.deepEqual(
      cheapest(all, 0, (one) => one === used),
      [first],
    );
    assert.deepEqual(all, [second, used, failed, first]);
  });

  it('put off who was overtaken, longer each time, until it answers again', () => {
    const [frozen, good] = [source(0), source(1)];
    good.answered(10, 1);
    frozen.overtaken(200);
    good.outstanding = 18;
    assert.deepEqual(cheapest([frozen, good], 0), [good, frozen]);
    good.outstanding = 25;
    assert.deepEqual(cheapest([frozen, good], 0), [frozen, good]);
    frozen.overtaken(200);
    assert.deepEqual(cheapest([frozen, good], 0), [good, frozen]);
    for (let answers = 0; answers < 5; answers++) frozen.answered(10, 1);
    assert.deepEqual(cheapest([frozen, good], 0), [frozen, good]);
  });

  it('remember a running mean and the bytes', () => {
    const one = source(0);
    one.answered(100, 10);
    one.answered(200, 10);
    assert.equal(one.meanMs, 120);
    assert.equal(one.bytes, 20);
  });

  it('put those behind who gave a wrong piece, and say of which segment', () => {
    const [wrong, right] = [source(0), source(0)];
    wrong.answered(5, 1);
    right.answered(50, 1);
    assert.deepEqual(cheapest([wrong, right], 0), [wrong]);
    wrong.wasWrong(7);
    assert.deepEqual([wrong.mayHave(7), wrong.mayHave(8)], [false, true]);
    assert.deepEqual(cheapest([wrong, right], 0), [right]);
    const slow = source(1, true);
    slow.answered(5000, 1);
    assert.deepEqual(cheapest([wrong, slow], 0), [slow, wrong]);
  });

  it('give up after some tries who does not answer, and at once who has nothing', () => {
    const empty = source(0);
    empty.missed(new PeerError('not-found', 'No such shard.'));
    assert.equal(empty.failed?.code, 'not-found');
    const silent = source(1);
    silent.missed(new PeerError('timeout', 'silent'));
    assert.equal(silent.failed, undefined);
    assert.deepEqual(cheapest([silent], 0), []);
    for (let tries = 0; tries < 10; tries++) {
      silent.restsUntil = 0;
      silent.missed(new PeerError('timeout', 'silent'));
    }
    silent.restsUntil = 0;
    assert.deepEqual(cheapest([silent], 0), []);
  });
});
