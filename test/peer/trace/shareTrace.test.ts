import assert from 'node:assert/strict';
import { geometryWith, chunksPerShard } from '../../../src/chunk/geometry.js';
import { ShareTrace } from '../../../src/peer/trace/shareTrace.js';
import { Traces } from '../../../src/peer/trace/traces.js';
import type { ShardCheck } from '../../../src/peer/verify.js';

const geometry = geometryWith(100_000, 2, 1, 10);
const perShard = chunksPerShard(geometry);
const bob = 'b0b';

describe('the trace of a share', () => {
  it('counts what moves, and what was acknowledged', () => {
    const trace = new ShareTrace(geometry);
    trace.moves(bob, 0, 0);
    trace.moves(bob, 0, 1);
    assert.equal(counts(trace, 'moving'), 20);
    trace.stored(bob, 0, 0);
    assert.equal(counts(trace, 'moving'), 10);
    assert.equal(counts(trace, 'stored'), 10);
    trace.rests(bob, 0, 1);
    assert.equal(counts(trace, 'moving'), 0);
  });

  it('counts the last piece by its own length', () => {
    const trace = new ShareTrace(geometry);
    for (let segment = 0; segment < geometry.segments; segment += 1) {
      trace.proved(bob, 0, segment);
    }
    assert.equal(counts(trace, 'proved'), perShard);
    assert.notEqual(geometry.lastQ, geometry.q);
  });

  it('lets what was found out last count', () => {
    const trace = new ShareTrace(geometry);
    trace.checked(check({ status: 'ok' }));
    assert.equal(counts(trace, 'reported'), perShard);
    trace.proved(bob, 0, 0);
    assert.equal(counts(trace, 'proved'), 10);
    assert.equal(counts(trace, 'reported'), perShard - 10);
    trace.wrong(bob, 0, 0);
    assert.equal(counts(trace, 'proved'), 0);
    assert.equal(counts(trace, 'damaged'), 10);
    trace.checked(check({ status: 'ok' }));
    assert.equal(counts(trace, 'damaged'), 0);
    assert.equal(counts(trace, 'reported'), perShard);
  });

  it('knows which chunks a holder reports as bad, and takes the others for whole', () => {
    const trace = new ShareTrace(geometry);
    const first = 0;
    trace.checked(check({ status: 'damaged', badChunks: [first + 7, first + 3] }));
    assert.equal(counts(trace, 'damaged'), 2);
    assert.equal(counts(trace, 'reported'), perShard - 2);
  });

  it('claims nothing behind the end of a list that is full', () => {
    const large = geometryWith(10_000_000, 2, 1, 100);
    const trace = new ShareTrace(large);
    const badChunks = Array.from({ length: 1000 }, (_, at) => at * 2);
    trace.checked(check({ status: 'damaged', badChunks }));
    assert.equal(counts(trace, 'damaged'), 1000);
    assert.equal(counts(trace, 'reported'), 999);
  });

  it('forgets the damage of a shard that was put right', () => {
    const trace = new ShareTrace(geometry);
    trace.checked(check({ status: 'lied', problem: 'not what was signed' }));
    assert.equal(counts(trace, 'damaged'), perShard);
    trace.healed(bob, 0);
    assert.equal(counts(trace, 'damaged'), 0);
    assert.equal(trace.find(bob, 0)?.problem, null);
  });

  it('shows how far a check or a repair is, and nothing once it is over', () => {
    const trace = new ShareTrace(geometry);
    trace.checking(bob, 0, 5);
    trace.checking(bob, 0, 1_000_000); // a holder may say anything
    assert.equal(counts(trace, 'moving'), perShard);
    trace.making(bob, 0, 1, 2);
    assert.equal(counts(trace, 'moving'), Math.floor(perShard / 2));
    trace.settle();
    assert.equal(counts(trace, 'moving'), 0);
  });

  it('is remembered of the last few shares only', () => {
    const traces = new Traces();
    const first = traces.of('first', geometry);
    for (let at = 0; at < 7; at += 1) traces.of(`share ${String(at)}`, geometry);
    assert.equal(traces.of('first', geometry), first); // and is the newest from now on
    traces.of('one more', geometry);
    assert.equal(traces.find('share 0'), undefined);
    assert.equal(traces.find('first'), first);
  });
});

function check(facts: Partial<ShardCheck>): ShardCheck {
  const status = 'ok' as const;
  return {
    ...{ holderId: bob, shard: 0, status, chunksChecked: perShard, badChunks: [], problem: null },
    ...facts,
  };
}

function counts(
  trace: ShareTrace,
  set: 'stored' | 'proved' | 'reported' | 'damaged' | 'moving',
): number {
  const [count = 0] = trace.find(bob, 0)?.[set].countBetween([0, 1_000_000]) ?? [];
  return count;
}
