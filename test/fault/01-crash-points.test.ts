import assert from 'node:assert/strict';
import { newSeed } from '../fuzz/engine/random.js';
import { crashAt, pointsOf } from './crash/attempt.js';
import { operations } from './crash/operations/table.js';
import { pointText, sampled } from './crash/sample.js';
import { World } from './crash/world.js';

/** Crashes of each operation; `npm run crash` tries all of its points. */
const crashesOfEach = 2;
/** A point may not come again: calls share a transaction, or a thread is faster this time. */
const mostAttempts = 10;

describe('fault 01: kill -9 at every write step', function () {
  this.timeout(300_000);
  const seed = Number(process.env['CRASH_SEED'] ?? newSeed());
  let world: World | undefined;
  before(() => {
    console.log(`    CRASH_SEED=${String(seed)}`);
  });
  afterEach(async function () {
    // The others begin with peers of which nothing is known that is wrong.
    if (this.currentTest?.state !== 'failed') return;
    await world?.dispose();
    world = undefined;
  });
  after(async () => {
    await world?.dispose();
  });

  for (const [index, operation] of operations.entries()) {
    it(`harms nothing: ${operation.name}`, async () => {
      world ??= await World.start();
      const seen = await pointsOf(world, operation);
      let crashes = 0;
      const tried: string[] = [];
      for (const point of sampled(seen, seed + index)) {
        const outcome = await crashAt(world, operation, point).catch((error: unknown) => {
          // In the message: a report from a run beside others leaves the cause out.
          const text = `${pointText(point)}, CRASH_SEED=${String(seed)}: ${String(error)}`;
          throw new Error(text, { cause: error });
        });
        tried.push(pointText(point));
        if (outcome !== null) crashes += 1;
        if (crashes === crashesOfEach || tried.length === mostAttempts) break;
      }
      assert.equal(crashes, crashesOfEach, `CRASH_SEED=${String(seed)}, tried ${tried.join(', ')}`);
    });
  }

  it('loses nothing of what was there before', async () => {
    assert.ok(world, 'nobody is left to ask');
    await world.assertNothingLost();
  });
});
