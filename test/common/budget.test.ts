import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Budget } from '../../src/common/budget.js';
import { VirtualTime } from '../support/virtualTime.js';

describe('Budget', () => {
  it('lets so many through at once, then one after the other, and saves up no more than a burst', () => {
    const time = new VirtualTime();
    const budget = new Budget({ burst: 3, everyMs: 100 }, time);
    const taken = (): number =>
      Array.from({ length: 10 }, () => budget.take()).filter(Boolean).length;
    assert.equal(taken(), 3);
    time.jump(99);
    assert.equal(taken(), 0);
    time.jump(1);
    assert.equal(taken(), 1);
    time.jump(100_000);
    assert.equal(taken(), 3);
  });

  it('never lets more through than its size says, in any span of time', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (waits) => {
        const time = new VirtualTime();
        const budget = new Budget({ burst: 2, everyMs: 100 }, time);
        const at: number[] = [];
        for (const wait of waits) {
          time.jump(wait);
          if (budget.take()) at.push(time.now());
        }
        at.forEach((from, first) => {
          at.slice(first).forEach((to, more) => {
            assert.ok(more + 1 <= 2 + (to - from) / 100 + 1e-6);
          });
        });
      }),
    );
  });
});
