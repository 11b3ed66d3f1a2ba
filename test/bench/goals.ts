import type { Results } from './results.js';

const mebibyte = 1 << 20;
/** Of 2+2: twice the bytes travel in a share. */
const spread = 2;

/** Something to reach. Where `better` is `less`, smaller figures reach more. */
export interface Goal {
  readonly label: string;
  readonly unit: '×' | '%' | 'MiB' | 'ms';
  readonly better: 'more' | 'less';
  readonly atLeast: number;
  readonly aim: number;
  /** NaN when a figure for it is missing. */
  value(results: Results): number;
}

export type Reached = 'aim' | 'at least' | 'no' | 'not measured';

export function reached(goal: Goal, value: number): Reached {
  if (!Number.isFinite(value)) return 'not measured';
  const passes = (limit: number): boolean =>
    goal.better === 'more' ? value >= limit : value <= limit;
  if (passes(goal.aim)) return 'aim';
  return passes(goal.atLeast) ? 'at least' : 'no';
}

/** What the medians of one run are held against. `mainMiB` is the size of the main rows. */
export function goals(mainMiB: number): Goal[] {
  const bytes = mainMiB * mebibyte;
  return [
    {
      label: 'get, all up, against one node:tls stream',
      unit: '×',
      better: 'more',
      atLeast: 0.5,
      aim: 0.7,
      value: (results) => results.median('get/ours') / results.median('limits/tls'),
    },
    {
      label: 'get against the fastest tool',
      unit: '×',
      better: 'more',
      atLeast: 2,
      aim: 3,
      value: (results) =>
        results.median('get/ours') /
        fastest(results, 'get/aria2', 'get/transmission', 'get/syncthing'),
    },
    {
      label: 'get, two of four dead, against all up',
      unit: '×',
      better: 'more',
      atLeast: 0.7,
      aim: 0.9,
      value: (results) => results.median('get/ours, two dead') / results.median('get/ours'),
    },
    {
      label: 'share, durable, against node:tls × k/n',
      unit: '×',
      better: 'more',
      atLeast: 0.5,
      aim: 0.7,
      value: (results) => results.median('share/ours') / (results.median('limits/tls') / spread),
    },
    {
      label: 'share against three copies, the fastest way',
      unit: '×',
      better: 'more',
      atLeast: 3,
      aim: 5,
      value: (results) =>
        results.median('share/ours') /
        fastest(results, 'share/rsync', 'share/rsync by SSH', 'share/syncthing'),
    },
    {
      label: 'the same, of those that encrypt',
      unit: '×',
      better: 'more',
      atLeast: 3,
      aim: 5,
      value: (results) =>
        results.median('share/ours') / fastest(results, 'share/rsync by SSH', 'share/syncthing'),
    },
    {
      label: 'small files, share and get, against Syncthing',
      unit: '×',
      better: 'more',
      atLeast: 2,
      aim: 4,
      value: (results) => smallSeconds(results, 'syncthing') / smallSeconds(results, 'ours'),
    },
    {
      label: 'get of 4 GiB against 256 MiB',
      unit: '×',
      better: 'more',
      atLeast: 0.9,
      aim: 1,
      value: (results) => results.ratio('growth/4096 MiB get'),
    },
    {
      label: 'share of 4 GiB against 256 MiB',
      unit: '×',
      better: 'more',
      atLeast: 0.9,
      aim: 1,
      value: (results) => results.ratio('growth/4096 MiB share'),
    },
    {
      label: 'peak memory of a peer at 4 GiB',
      unit: 'MiB',
      better: 'less',
      atLeast: 256,
      aim: 160,
      value: (results) =>
        Math.max(results.peakMiB('growth/4096 MiB get'), results.peakMiB('growth/4096 MiB share')),
    },
    {
      label: 'bytes on the wire of a share beyond n/k',
      unit: '%',
      better: 'less',
      atLeast: 4.5,
      aim: 3.5,
      value: (results) => 100 * (results.wireBytes('share/ours') / (bytes * spread) - 1),
    },
    {
      label: 'bytes on the wire of a get beyond 1',
      unit: '%',
      better: 'less',
      atLeast: 4.5,
      aim: 3.5,
      value: (results) => 100 * (results.wireBytes('get/ours') / bytes - 1),
    },
    {
      label: 'list of 100,000 shares',
      unit: 'ms',
      better: 'less',
      atLeast: 500,
      aim: 100,
      value: (results) => results.median('catalog/100000 list'),
    },
    {
      label: 'last byte to done',
      unit: 'ms',
      better: 'less',
      atLeast: 50,
      aim: 10,
      value: (results) => results.median('latency/last byte'),
    },
  ];
}

/** NaN when none of them was measured; those that were not are left out. */
function fastest(results: Results, ...ids: readonly string[]): number {
  const rates = ids.map((id) => results.median(id)).filter(Number.isFinite);
  return rates.length === 0 ? NaN : Math.max(...rates);
}

function smallSeconds(results: Results, who: string): number {
  return results.seconds(`small/${who} share`) + results.seconds(`small/${who} get`);
}
