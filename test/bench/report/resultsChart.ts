import { machineText } from '../machine.js';
import type { Results } from '../results.js';
import { barChart, type Bar, type BarGroup } from './chart.js';
import type { RunFacts } from './json.js';

/** The main rows of a run as a chart: what people wait for, ours and others'. */
export function resultsChart(facts: RunFacts, results: Results): string {
  const { mainMiB, smallFiles } = facts.options;
  const size = sizeText(Number(mainMiB));
  const files = Number(smallFiles).toLocaleString('en');
  const groups = [
    group(results, `Get ${size} on a fresh machine, from four others`, 'get', 'limits/tls'),
    group(results, `Share ${size} so that any two of four machines may vanish`, 'share'),
    group(results, `${files} files of 4 KiB as one folder`, 'small'),
  ];
  const rounds = Math.max(0, ...results.lines.map(({ samples }) => samples.length));
  return barChart(
    'Chunk Partitioner and others on the same work',
    `Longer is better. Medians of ${rounds} alternating rounds in one run; everything on one machine, over loopback.`,
    groups.filter(({ bars }) => bars.length > 0),
    [`${facts.date.slice(0, 10)} · ${machineText(facts.machine)}`],
  );
}

function group(results: Results, title: string, section: string, ...more: string[]): BarGroup {
  const lines = results.lines.filter(
    ({ line }) => line.id.startsWith(`${section}/`) || more.includes(line.id),
  );
  const bars = lines.map(({ line, problem }): Bar => {
    const bar = {
      label: more.includes(line.id) ? `limit: one ${line.label}` : line.label,
      value: results.median(line.id),
      own: line.id.startsWith(`${section}/ours`),
    };
    return problem === null ? bar : { ...bar, note: problem };
  });
  return { title, unit: lines[0]?.line.unit ?? '', bars };
}

function sizeText(mib: number): string {
  return mib % 1024 === 0 ? `${mib / 1024} GiB` : `${mib} MiB`;
}
