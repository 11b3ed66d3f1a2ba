import assert from 'node:assert/strict';
import { SteadyClock } from '../../../src/peer/deletion/steadyClock.js';

const minute = 60_000;
const hour = 60 * minute;

describe('SteadyClock', () => {
  it('says so after an hour in which nobody set the clock', () => {
    let wall = 1_000_000;
    let running = 0;
    const clock = new SteadyClock(
      () => wall,
      () => running,
    );
    const pass = (ms: number): boolean => {
      wall += ms;
      running += ms;
      return clock.isSteady();
    };
    assert.equal(pass(0), false);
    assert.equal(pass(59 * minute), false);
    assert.equal(pass(minute), true);
    wall -= 1000; // corrected by a little, as clocks are
    assert.equal(pass(hour), true);
    wall += 365 * 24 * hour;
    assert.equal(pass(minute), false);
    assert.equal(pass(59 * minute), false);
    assert.equal(pass(minute), true);
    wall -= 365 * 24 * hour;
    assert.equal(pass(0), false);
    assert.equal(pass(hour), true);
  });
});
