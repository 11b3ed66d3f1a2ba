import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Window } from '../../../src/peer/get/window.js';
import { getLimits } from '../../../src/peer/limits.js';
import { VirtualTime } from '../../support/virtualTime.js';

describe('Window', () => {
  /** A line that carries a segment every `eachMs`, with so long a way; answers the sizes that the window comes to. */
  async function over(line: { eachMs: number; wayMs: number }, segments: number): Promise<number> {
    const time = new VirtualTime();
    const window = new Window(time);
    const asked: number[] = [];
    let free = time.now();
    for (let came = 0; came < segments; came++) {
      while (asked.length < window.size) asked.push(time.now());
      const since = asked.shift() ?? assert.fail();
      // It leaves when the line is free, and has the way before it.
      free = Math.max(free, since + line.wayMs) + line.eachMs;
      await time.pass(Math.max(0, free - time.now()));
      window.came(time.now() - since);
    }
    return window.size;
  }

  it('stays small where segments come as fast as they are carried', async () => {
    assert.ok((await over({ eachMs: 4, wayMs: 1 }, 200)) <= 5);
    assert.ok((await over({ eachMs: 100, wayMs: 5 }, 200)) <= 5);
  });

  it('grows to its bound where the way is long', async () => {
    assert.equal(await over({ eachMs: 4, wayMs: 80 }, 200), getLimits.segmentsInFlight);
  });

  it('gives the thread more to do once that is little against what has come', () => {
    const time = new VirtualTime();
    const window = new Window(time);
    let last = window.size;
    for (let came = 0; came < 1000; came++) {
      window.came(5);
      assert.ok(window.size >= last);
      assert.ok(
        window.size <= Math.max(getLimits.segmentsAtFirst, getLimits.mayBeInVain * (came + 1)),
      );
      last = window.size;
    }
    assert.equal(last, getLimits.segmentsAtHand);
  });

  it('never goes below its first size, whatever the times are', () => {
    const window = new Window(new VirtualTime());
    for (const ms of [0, 1e9, 0, Number.MAX_VALUE, 5]) {
      for (let count = 0; count < 50; count++) window.came(ms);
    }
    assert.ok(window.size >= getLimits.segmentsAtFirst);
    assert.ok(window.size <= getLimits.segmentsInFlight);
  });
});
