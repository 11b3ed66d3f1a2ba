import { parseArgs } from 'node:util';
import { catalogRows } from './rows/catalog.js';
import { growthRows } from './rows/growth.js';
import { latencyRows } from './rows/latency.js';
import { mainRows } from './rows/main.js';
import { smallFileRows } from './rows/smallFiles.js';
import type { Row } from './row.js';
import type { Phase } from './schedule.js';

export const usage = `npm run bench -- [--quick] [--rounds N] [--size MiB] [--only REGEX] [--large]
  --quick        the main rows in five minutes: 256 MiB, fewer files, fewer tools
  --rounds N     rounds of the main rows (5)
  --size MiB     size of the main rows (1024)
  --only REGEX   rows with such an id, as in “^get/” or “aria2|ours”
  --large        only the rows of 4 GiB`;

export interface BenchPlan {
  readonly phases: readonly Phase[];
  readonly mainMiB: number;
  readonly smallFiles: number;
  /** Name of the result files. */
  readonly name: string;
  /** Whether all rows of the table (or of the quick one) run as they are meant to: such results are for keeps. */
  readonly whole: boolean;
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** What the whole table may take, seconds, by phase: an hour on two cores with what is prepared. */
const budgets = { main: 33 * 60, growth: 12 * 60, catalog: 5 * 60 };
const quickBudget = 200;
/** Rows that take long before they begin. */
const slowToStart = /transmission|one dead|write|read/;

/** @throws Error with the usage for arguments that are none */
export function makePlan(args: readonly string[]): BenchPlan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      large: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      size: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const { quick, large } = values;
  const mainMiB = positive('--size', values.size ?? (quick ? '256' : '1024'));
  const rounds = positive('--rounds', values.rounds ?? (quick ? '3' : '5'));
  const smallFiles = quick ? 1000 : 10_000;
  const only = new RegExp(values.only ?? '');
  const chosen = (rows: readonly Row[]): Row[] =>
    rows.filter(({ lines }) => lines.some(({ id }) => only.test(id)));
  const main = [...mainRows(mainMiB), ...smallFileRows(smallFiles)];
  const less = Math.min(rounds, 3);
  const growth = growthRows().filter(
    ({ lines }) => !large || (lines[0]?.id ?? '').includes('4096'),
  );
  const phases: Phase[] = quick
    ? [
        {
          name: 'main',
          rows: chosen(main.filter(({ lines }) => !slowToStart.test(lines[0]?.id ?? ''))),
          rounds,
          leastRounds: 1,
          budgetSeconds: quickBudget,
        },
      ]
    : [
        {
          name: 'main',
          rows: large ? [] : chosen(main),
          rounds,
          leastRounds: rounds,
          budgetSeconds: budgets.main,
        },
        {
          name: 'growth',
          rows: chosen(growth),
          rounds: less,
          leastRounds: less,
          budgetSeconds: budgets.growth,
        },
        {
          name: 'catalog and latency',
          rows: large ? [] : chosen([...catalogRows(), ...latencyRows()]),
          rounds: less,
          leastRounds: less,
          budgetSeconds: budgets.catalog,
        },
      ];
  const whole = values.only === undefined && values.size === undefined && !large;
  return {
    phases: phases.filter(({ rows }) => rows.length > 0),
    mainMiB,
    smallFiles,
    name: !whole ? 'part' : quick ? 'quick' : 'bench',
    whole,
    options: { quick, rounds, mainMiB, smallFiles },
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} is a whole number\n${usage}`);
  return value;
}
