import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { cheapest, Source } from '../../../src/peer/get/sources.js';
import { Actor } from '../support/actor.js';
import { MemoryHolder } from '../support/memoryHolder.js';

const actor = new Actor('holder');
const source = (shard: number, parity = false): Source =>
  new Source(new MemoryHolder(actor, '00'.repeat(32)), shard, parity);
const none = (): boolean => false;

describe('sources', () => {
  it('prefer data to parity while nothing is known', () => {
    const [data, parity] = [source(0), source(2, true)];
    assert.deepEqual(cheapest([parity, data], none), [data, parity]);
  });

  it('prefer who answered sooner, and who is less busy', () => {
    const [slow, quick] = [source(0), source(1)];
    slow.answered(90, 100);
    quick.answered(10, 100);
    assert.deepEqual(cheapest([slow, quick], none), [quick, slow]);
    quick.outstanding = 20;
    assert.deepEqual(cheapest([slow, quick], none), [slow, quick]);
  });

  it('name one holder a shard, and leave out who failed or is in use', () => {
    const [first, second, failed, used] = [source(0), source(0), source(1), source(2)];
    first.answered(5, 1);
    second.answered(50, 1);
    failed.failed = new PeerError('closed', 'gone');
    const all = [second, used, failed, first];
    assert.deepEqual(
      cheapest(all, (one) => one === used),
      [first],
    );
    assert.deepEqual(all, [second, used, failed, first]);
  });

  it('put off who was overtaken, longer each time, until it answers again', () => {
    const [frozen, good] = [source(0), source(1)];
    good.answered(10, 1);
    frozen.overtaken(200);
    good.outstanding = 18;
    assert.deepEqual(cheapest([frozen, good], none), [good, frozen]);
    good.outstanding = 25;
    assert.deepEqual(cheapest([frozen, good], none), [frozen, good]);
    frozen.overtaken(200);
    assert.deepEqual(cheapest([frozen, good], none), [good, frozen]);
    for (let answers = 0; answers < 5; answers++) frozen.answered(10, 1);
    assert.deepEqual(cheapest([frozen, good], none), [frozen, good]);
  });

  it('remember a running mean and the bytes', () => {
    const one = source(0);
    one.answered(100, 10);
    one.answered(200, 10);
    assert.equal(one.meanMs, 120);
    assert.equal(one.bytes, 20);
  });

  it('give up at once who answers wrongly, and after some tries who does not answer', () => {
    const wrong = source(0);
    wrong.missed(new PeerError('integrity', 'wrong bytes'));
    assert.equal(wrong.failed?.code, 'integrity');
    const silent = source(1);
    silent.missed(new PeerError('timeout', 'silent'));
    assert.equal(silent.failed, undefined);
    assert.deepEqual(cheapest([silent], none), []);
    for (let tries = 0; tries < 10; tries++) {
      silent.restsUntil = 0;
      silent.missed(new PeerError('timeout', 'silent'));
    }
    silent.restsUntil = 0;
    assert.deepEqual(cheapest([silent], none), []);
  });
});
