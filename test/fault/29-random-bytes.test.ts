import assert from 'node:assert/strict';
import { newSeed } from '../fuzz/engine/random.js';
import { fuzzLive } from '../fuzz/live/live.js';

describe('fault 29: random bytes before and after admission end in a clean close, and memory stays flat', function () {
  this.timeout(300_000); // a busy machine takes long to set it up
  it('for some seconds, while others are served', async () => {
    const seed = newSeed();
    const lines: string[] = [];
    const log = (line: string): void => {
      lines.push(line);
    };
    // Several rounds: memory is compared between them.
    const problems = await fuzzLive({ seconds: 8, roundSeconds: 2, seed, log });
    assert.deepEqual(problems, [], `seed ${String(seed)}\n${lines.join('\n')}`);
  });
});
