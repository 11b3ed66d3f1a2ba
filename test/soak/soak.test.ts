import assert from 'node:assert/strict';
import { newSeed } from '../fuzz/engine/random.js';
import { runSoak } from './soak.js';

/** Addresses of the loopback that other systems do not have: see switchboard.ts. */
if (process.platform === 'linux') {
  describe('a group in a storm of faults', function () {
    this.timeout(240_000);
    // Multiples of three: five peers at first.
    for (const seed of [3, 3 * newSeed()]) {
      it(`keeps what it promises: seed ${seed}`, async () => {
        const options = { seed, operations: 40, checkEvery: 40, slow: false };
        const { problem, tally } = await runSoak(options);
        console.log(tally.table().replace(/^/gm, '      '));
        assert.equal(problem, '');
      });
    }
  });
}
