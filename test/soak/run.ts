/**
 * `npm run soak -- [--minutes N] [--seed S] [--operations M] [--quick] [--verbose]`: random operations and faults over
 * real peers, against a model of what must be true; see README.md beside this file.
 */
import { parseArgs } from 'node:util';
import { newSeed } from '../fuzz/engine/random.js';
import { runSoak } from './soak.js';
import { Tally } from './tally.js';
import { runMain } from '../support/runMain.js';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string' },
      operations: { type: 'string', default: '400' },
      quick: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
    },
  });
  const operations = Number(values.operations);
  const until = performance.now() + Number(values.minutes) * 60_000;
  const total = new Tally();
  const seeds: number[] = [];
  do {
    const seed = values.seed === undefined ? newSeed() : Number(values.seed);
    seeds.push(seed);
    console.log(`seed ${seed}`);
    const started = performance.now();
    const { tally, problem } = await runSoak({
      ...{ seed, operations, checkEvery: 50, slow: !values.quick },
      // What a seed is asked for is done to its end.
      isLate: () => values.seed === undefined && performance.now() > until,
      ...(values.verbose && {
        onOperation: (line) => {
          console.log(
            `${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${line}`,
          );
        },
      }),
    });
    total.merge(tally);
    const seconds = ((performance.now() - started) / 1000).toFixed();
    console.log(`  ${tally.total('operations')} operations in ${seconds} s`);
    if (problem !== '') {
      console.log(`VIOLATION: ${problem}`);
      console.log(`again: npm run soak -- --seed ${seed} --operations ${operations}`);
    }
  } while (values.seed === undefined && performance.now() < until);
  console.log(`seeds      ${seeds.join(' ')}\n${total.table()}`);
  return total.total('violations') === 0 ? 0 : 1;
}

runMain(main);
