/**
 * `npm run soak -- [--minutes N] [--groups G] [--seed S] [--operations M] [--quick] [--verbose]`: random operations and
 * faults over real peers, against a model of what must be true; see README.md beside this file.
 */
import { parseArgs } from 'node:util';
import { newSeed } from '../fuzz/engine/random.js';
import { runMain } from '../support/runMain.js';
import { runSoak } from './soak.js';
import { Tally } from './tally.js';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '2' },
      groups: { type: 'string', default: '4' },
      seed: { type: 'string' },
      operations: { type: 'string', default: '160' },
      quick: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
    },
  });
  const operations = Number(values.operations);
  const until = performance.now() + Number(values.minutes) * 60_000;
  const total = new Tally();
  const seeds: number[] = [];

  const run = async (seed: number, isLate: () => boolean): Promise<void> => {
    seeds.push(seed);
    console.log(`seed ${seed}`);
    const started = performance.now();
    const seconds = (): string => ((performance.now() - started) / 1000).toFixed(1);
    const onOperation = (line: string): void => {
      console.log(`${seconds().padStart(7)} s  ${seed}  ${line}`);
    };
    const { tally, problem } = await runSoak({
      ...{ seed, operations, checkEvery: 50, slow: !values.quick, isLate },
      ...(values.verbose && { onOperation }),
    });
    total.merge(tally);
    console.log(`seed ${seed}: ${tally.total('operations')} operations in ${seconds()} s`);
    if (problem === '') return;
    console.log(`VIOLATION: ${problem}`);
    console.log(`again: npm run soak -- --seed ${seed} --operations ${operations}`);
  };

  const isLate = (): boolean => performance.now() > until;
  const freshSeeds = async (): Promise<void> => {
    do await run(newSeed(), isLate);
    while (!isLate());
  };
  // What a seed is asked for is done to its end. Else several groups at a time: much of it is waiting.
  if (values.seed !== undefined) await run(Number(values.seed), () => false);
  else await Promise.all(Array.from({ length: Number(values.groups) }, freshSeeds));
  console.log(`seeds      ${seeds.join(' ')}\n${total.table()}`);
  return total.total('violations') === 0 ? 0 : 1;
}

runMain(main);
