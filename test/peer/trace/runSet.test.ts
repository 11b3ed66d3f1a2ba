import assert from 'node:assert/strict';
import { RunSet } from '../../../src/peer/trace/runSet.js';

describe('a set of runs', () => {
  it('joins runs that touch or overlap, and keeps others apart', () => {
    const set = new RunSet();
    set.add(0, 4);
    set.add(8, 12);
    assert.equal(set.runs, 2);
    set.add(4, 8);
    assert.equal(set.runs, 1);
    set.add(2, 20);
    set.add(30, 31);
    assert.deepEqual(set.countBetween([0, 10, 20, 30, 40]), [10, 10, 0, 1]);
  });

  it('takes a piece out of the middle of a run', () => {
    const set = new RunSet();
    set.add(0, 100);
    set.delete(40, 60);
    assert.equal(set.runs, 2);
    assert.deepEqual(set.countBetween([0, 50, 100]), [40, 40]);
    set.delete(0, 100);
    assert.equal(set.runs, 0);
  });

  it('takes no more runs than it was told to, and still grows those it has', () => {
    const set = new RunSet(2);
    assert.ok(set.add(0, 1));
    assert.ok(set.add(10, 11));
    assert.ok(!set.add(20, 21));
    assert.ok(set.add(11, 15));
    assert.deepEqual(set.countBetween([0, 100]), [6]);
  });

  it('has nothing in an empty run', () => {
    const set = new RunSet();
    set.add(5, 5);
    set.add(7, 3);
    set.delete(4, 4);
    assert.equal(set.runs, 0);
    assert.deepEqual(set.countBetween([0, 10]), [0]);
  });

  it('agrees with a plain set of numbers after thousands of random steps', () => {
    const random = randomNumbers(7);
    const set = new RunSet();
    const model = new Set<number>();
    const size = 200;
    const edges = [0, 3, 50, 51, 120, 199, 200];
    for (let step = 0; step < 5000; step += 1) {
      const start = random(size);
      const end = Math.min(size, start + random(12));
      const adds = random(2) === 0;
      if (adds) set.add(start, end);
      else set.delete(start, end);
      for (let at = start; at < end; at += 1)
        if (adds) model.add(at);
        else model.delete(at);
      const expected = edges.slice(1).map((right, column) => {
        const left = edges[column] ?? 0;
        return [...model].filter((at) => at >= left && at < right).length;
      });
      assert.deepEqual(set.countBetween(edges), expected, `step ${String(step)}`);
      const starts = [...model].filter((at) => !model.has(at - 1)).length;
      assert.equal(set.runs, starts, `step ${String(step)}`);
    }
  });
});

/** The same numbers for the same seed: below `most`. */
function randomNumbers(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}
