/**
 * `npm run crash -- [--operation TEXT] [--point TEXT]`: every operation with a crash before and after each of its points, or
 * those that have TEXT in their names. Prints what came of each; exit code 1 when that was wrong.
 */
import { parseArgs } from 'node:util';
import { crashAt, pointsOf, type Attempt } from './attempt.js';
import type { CrashPoint } from './crashSwitch.js';
import type { Operation } from './operation.js';
import { operations } from './operations/table.js';
import { crashPoints, pointText } from './sample.js';
import { World } from './world.js';
import { runMain } from '../../support/runMain.js';

/** Crashes of one operation, and how many of them came to what. */
interface Tally {
  readonly operation: string;
  readonly outcomes: Map<string, number>;
  points: number;
}

const columns = ['answered', 'whole', 'went on', 'nothing', 'not reached', 'wrong'] as const;

async function main(): Promise<number> {
  const text = { type: 'string', default: '' } as const;
  const { values } = parseArgs({ options: { operation: text, point: text } });
  const chosen = operations.filter(({ name }) => name.includes(values.operation));
  if (chosen.length === 0) throw new RangeError(`no operation is called “${values.operation}”`);
  const tallies: Tally[] = [];
  for (const operation of chosen) {
    tallies.push(await crashEverywhere(operation, values.point));
  }
  console.log(tallyText(tallies));
  return tallies.some(({ outcomes }) => outcomes.has('wrong')) ? 1 : 0;
}

async function crashEverywhere(operation: Operation, wanted: string): Promise<Tally> {
  const tally: Tally = { operation: operation.name, outcomes: new Map(), points: 0 };
  console.log(`\n${operation.name}`);
  let world = await World.start();
  try {
    const points = crashPoints(await pointsOf(world, operation));
    for (const point of points.filter((one) => pointText(one).includes(wanted))) {
      const outcome = await attempt(world, operation, point);
      tally.points += 1;
      tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
      console.log(`  ${outcome.padEnd(12)} ${pointText(point)}`);
      if (outcome !== 'wrong') continue;
      await world.dispose();
      world = await World.start();
    }
    await world.assertNothingLost();
  } finally {
    await world.dispose();
  }
  return tally;
}

async function attempt(world: World, operation: Operation, point: CrashPoint): Promise<string> {
  let outcome: Attempt;
  try {
    outcome = await crashAt(world, operation, point);
  } catch (error) {
    console.error(error);
    return 'wrong';
  }
  return outcome ?? 'not reached';
}

function tallyText(tallies: readonly Tally[]): string {
  const width = Math.max(...tallies.map(({ operation }) => operation.length));
  const row = (first: string, cells: readonly string[]): string =>
    [first.padEnd(width), ...cells.map((cell) => cell.padStart(12))].join('');
  return [
    '',
    row('', ['points', ...columns]),
    ...tallies.map(({ operation, outcomes, points }) =>
      row(operation, [
        String(points),
        ...columns.map((column) => String(outcomes.get(column) ?? '')),
      ]),
    ),
  ].join('\n');
}

runMain(main);
