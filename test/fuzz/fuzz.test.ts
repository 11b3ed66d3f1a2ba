import assert from 'node:assert/strict';
import { readRegressions, regressionFolders } from './corpus.js';
import { decoderBounds } from './engine/bounds.js';
import { Fuzzer, FuzzFinding } from './engine/fuzzer.js';
import { newSeed, Random } from './engine/random.js';
import { runInput } from './engine/runInput.js';
import { targets } from './targets/table.js';

/** A taste of `npm run fuzz`. */
const runs = 200;
/** Other tests run beside these: what counts here is that an end comes at all. */
const bounds = { ...decoderBounds, ms: 10 * decoderBounds.ms };

describe('what reads the bytes of others', () => {
  for (const target of targets) {
    it(`survives: ${target.name}`, async () => {
      for (const [name, input] of readRegressions(target.name)) {
        await assert.doesNotReject(async () => runInput(target, input, bounds), name);
      }
      const seed = newSeed();
      const fuzzer = new Fuzzer(target, { random: new Random(seed), bounds });
      try {
        await fuzzer.begin();
        while (fuzzer.runs < runs) await fuzzer.step();
      } catch (error) {
        if (!(error instanceof FuzzFinding)) throw error;
        const input = Buffer.from(error.input).toString('hex');
        assert.fail(`seed ${seed}, input ${input}\n${error.message}`);
      }
    });
  }

  it('has every regression under the name of a target', () => {
    const names = new Set(targets.map(({ name }) => name));
    assert.deepEqual(
      regressionFolders().filter((folder) => !names.has(folder)),
      [],
    );
  });
});
