import { short, table } from '../figures.js';
import { reached, type Goal } from '../goals.js';
import type { Results, LineResult } from '../results.js';

const mebibyte = 1 << 20;

export const sectionTitles: Readonly<Record<string, string>> = {
  limits: 'limits of this machine',
  get: 'get',
  share: 'share, so that two of four may vanish',
  small: 'small files of 4 KiB in one folder',
  growth: 'growth',
  catalog: 'catalog',
  latency: 'latency',
};

/** One line for each figure, by section, with what it is a multiple of and what it cost. */
export function resultsText(results: Results): string {
  const head = [
    ...['', 'median', 'min – max', 'unit', 'n', 'ratio', 'of'],
    ...['CPU s/GiB', 'wire ×', 'peak MiB'],
  ];
  const rows = results.lines.flatMap((result, index) => {
    const section = sectionOf(result);
    const before = results.lines[index - 1];
    const isFirst = before === undefined || sectionOf(before) !== section;
    const title = sectionTitles[section] ?? section;
    return [...(isFirst ? [[''], [title.toUpperCase()]] : []), cells(results, result)];
  });
  return table([head, ...rows]);
}

function cells(results: Results, { line, samples, problem }: LineResult): string[] {
  const { id, label, unit, reference } = line;
  if (samples.length === 0) return [`  ${label}`, '–', problem === null ? '' : 'see below'];
  const gibibytes = unit === 'MiB/s' ? (line.amount ?? NaN) / 1024 : NaN;
  const ratio = results.ratio(id);
  return [
    `  ${label}`,
    short(results.median(id)),
    `${short(results.min(id))} – ${short(results.max(id))}`,
    unit,
    `${samples.length}${problem === null ? '' : '!'}`,
    Number.isFinite(ratio) ? short(ratio) : '',
    Number.isFinite(ratio) ? reference : '',
    blankOr(results.cpuSeconds(id) / gibibytes),
    blankOr(results.wireBytes(id) / (gibibytes * 1024 * mebibyte)),
    blankOr(results.peakMiB(id)),
  ];
}

/** What was to be reached, and whether it is. */
export function goalsText(results: Results, goals: readonly Goal[]): string {
  const rows = goals.map((goal) => {
    const value = goal.value(results);
    const figure = (number: number): string => `${short(number)} ${goal.unit}`;
    return [
      goal.label,
      figure(value),
      ...(goal.better === 'more'
        ? [`≥ ${figure(goal.atLeast)}`, `≥ ${figure(goal.aim)}`]
        : [`≤ ${figure(goal.atLeast)}`, `≤ ${figure(goal.aim)}`]),
      reached(goal, value),
    ];
  });
  return table([['', 'measured', 'at least', 'aim', 'reached'], ...rows]);
}

/** What went wrong, one line each. */
export function problemsText(results: Results): string {
  return results.lines
    .filter(({ problem }) => problem !== null)
    .map(({ line, problem }) => `${line.id}: ${problem ?? ''}`)
    .join('\n');
}

export function sectionOf({ line }: LineResult): string {
  return line.id.split('/')[0] ?? '';
}

function blankOr(value: number): string {
  return Number.isFinite(value) ? short(value) : '';
}
