import type { Bench } from './bench.js';

/** What one piece of work took, over all processes that took part. */
export interface Sample {
  readonly seconds: number;
  /** User and system time of all processes, exited threads and children included. */
  readonly cpuSeconds?: number;
  /** Bytes that crossed the loopback interface, headers and acknowledgements included. */
  readonly wireBytes?: number;
  /** Most memory resident, by role; of several processes in one role the largest. */
  readonly peakRssMiB?: Readonly<Record<string, number>>;
}

/** How the seconds of a sample are shown: as a rate of `amount`, or as they are. */
export type Unit = 'MiB/s' | 'files/s' | 's' | 'ms';

/** One line of the table. */
export interface Line {
  /** Unique, as in `get/ours/two dead`; its first part is the section. */
  readonly id: string;
  readonly label: string;
  readonly unit: Unit;
  /** MiB or files that one sample moves; nothing for times. */
  readonly amount?: number;
  /** Id of the line that its figure is a multiple of; empty for none. */
  readonly reference: string;
}

/** A piece of work that is measured in every round. Most give one line, some two out of one run. */
export interface Row {
  readonly lines: readonly Line[];
  /** Programs that must be installed. */
  readonly needs: readonly string[];
  /** Most rounds, where one takes long. */
  readonly rounds?: number;
  /**
   * Runs once, from fresh processes to none. The samples are by id of the line.
   *
   * @throws NotAvailable when it cannot run here, or not with this version
   */
  run(bench: Bench): Promise<Readonly<Record<string, Sample>>>;
}

/** Why a row has no figures, in words for the table. */
export class NotAvailable extends Error {}

/** The figure that a line shows of a sample. */
export function valueOf(line: Line, sample: Sample): number {
  if (line.unit === 's') return sample.seconds;
  if (line.unit === 'ms') return sample.seconds * 1000;
  return (line.amount ?? 0) / sample.seconds;
}

/** Whether more is better. */
export function isRate(unit: Unit): boolean {
  return unit === 'MiB/s' || unit === 'files/s';
}
