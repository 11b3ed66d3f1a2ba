/** What is measured in the extension host, and how much of it is allowed. */

/** One figure, as the suite in the host, or the runner, measured it. */
export interface Figures {
  /** Of the extension host's event loop while 1 GiB is shared, then fetched; milliseconds, 99th percentile. */
  readonly shareDelayP99Ms: number;
  readonly getDelayP99Ms: number;
  /** Most that the host's heap grew meanwhile over what it was before; MiB, garbage included. */
  readonly shareHeapMiB: number;
  readonly getHeapMiB: number;
  /** Loading and activating the extension: processor time of the host's thread, and until it is done; milliseconds. */
  readonly activationMs: number;
  readonly wholeActivationMs: number;
  /** From asking for the rows of 10,000 files until those of the first page are made; the first time, milliseconds. */
  readonly treeMs: number;
  /** From asking for 4 KiB in the middle of a file of 4 GiB until they are there; the first time, and then, milliseconds. */
  readonly firstPeekMs: number;
  readonly peekMs: number;
  /** How fast the two went, MiB/s: for comparison only. */
  readonly shareMiBps: number;
  readonly getMiBps: number;
}

/** What the suite in the host measures. */
export type MeasuredInHost = Omit<Figures, 'activationMs' | 'wholeActivationMs'>;

export interface Line {
  readonly key: keyof Figures;
  readonly label: string;
  readonly unit: string;
  /** The figure has to stay below; absent where it is only told. */
  readonly below?: number;
}

export const lines: readonly Line[] = [
  { key: 'shareDelayP99Ms', label: 'event loop while 1 GiB is shared, p99', unit: 'ms', below: 20 },
  { key: 'getDelayP99Ms', label: 'event loop while 1 GiB is fetched, p99', unit: 'ms', below: 20 },
  { key: 'shareHeapMiB', label: 'heap growth while 1 GiB is shared', unit: 'MiB', below: 30 },
  { key: 'getHeapMiB', label: 'heap growth while 1 GiB is fetched', unit: 'MiB', below: 30 },
  { key: 'activationMs', label: 'activation, own code', unit: 'ms', below: 50 },
  { key: 'wholeActivationMs', label: '(activation, until it is done)', unit: 'ms' },
  { key: 'treeMs', label: 'a tree of 10,000 files', unit: 'ms', below: 300 },
  { key: 'firstPeekMs', label: 'first bytes out of 4 GiB', unit: 'ms', below: 300 },
  { key: 'peekMs', label: 'further bytes elsewhere in it, median', unit: 'ms', below: 300 },
  { key: 'shareMiBps', label: '(share)', unit: 'MiB/s' },
  { key: 'getMiBps', label: '(get)', unit: 'MiB/s' },
];

/** Whether a figure keeps its bound; one that was not measured does not. */
export function holds({ key, below }: Line, figures: Figures): boolean {
  return below === undefined || figures[key] < below;
}

/** Rows of the printed table: what, how much, the bound, and whether it is kept. */
export function rows(figures: Figures): string[][] {
  return lines.map((line) => [
    line.label,
    `${figures[line.key].toFixed(1)} ${line.unit}`,
    line.below === undefined ? '' : `below ${String(line.below)} ${line.unit}`,
    line.below === undefined ? '' : holds(line, figures) ? 'ok' : 'NOT KEPT',
  ]);
}
