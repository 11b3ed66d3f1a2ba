import { reached, type Goal } from '../goals.js';
import type { Machine } from '../machine.js';
import type { Results } from '../results.js';

/** What a run was asked to do. */
export interface RunFacts {
  /** ISO 8601, when it began. */
  readonly date: string;
  readonly machine: Machine;
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** Everything that was measured, with what is computed of it, as one value for JSON. */
export function resultsJson(facts: RunFacts, results: Results, goals: readonly Goal[]): object {
  return {
    ...facts,
    goals: goals.map((goal) => {
      const value = goal.value(results);
      const { label, unit, better, atLeast, aim } = goal;
      return {
        label,
        unit,
        better,
        atLeast,
        aim,
        value: orNull(value),
        reached: reached(goal, value),
      };
    }),
    lines: results.lines.map(({ line, samples, problem }) => ({
      ...line,
      ...(problem === null ? {} : { problem }),
      median: orNull(results.median(line.id)),
      min: orNull(results.min(line.id)),
      max: orNull(results.max(line.id)),
      ratio: orNull(results.ratio(line.id)),
      samples,
    })),
  };
}

/** JSON knows no NaN. */
function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
