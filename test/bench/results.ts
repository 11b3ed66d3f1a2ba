import { median } from './figures.js';
import { valueOf, type Line, type Sample } from './row.js';

/** What is known of one line after all rounds. */
export interface LineResult {
  readonly line: Line;
  readonly samples: readonly Sample[];
  /** Why there are no samples, or fewer than rounds. */
  readonly problem: string | null;
}

/** All lines of a run, asked by id. Figures of lines without samples are NaN. */
export class Results {
  readonly #byId: ReadonlyMap<string, LineResult>;

  constructor(readonly lines: readonly LineResult[]) {
    this.#byId = new Map(lines.map((result) => [result.line.id, result]));
  }

  /** Median of what the line shows: a rate or a time in its unit. */
  median(id: string): number {
    return median(this.#values(id));
  }

  min(id: string): number {
    const values = this.#values(id);
    return values.length === 0 ? NaN : Math.min(...values);
  }

  max(id: string): number {
    const values = this.#values(id);
    return values.length === 0 ? NaN : Math.max(...values);
  }

  /** Median of the seconds. */
  seconds(id: string): number {
    return median(this.#samples(id).map(({ seconds }) => seconds));
  }

  /** Median of the CPU seconds of all processes. */
  cpuSeconds(id: string): number {
    return median(this.#samples(id).map(({ cpuSeconds }) => cpuSeconds ?? NaN));
  }

  /** Median of the bytes on the wire. */
  wireBytes(id: string): number {
    return median(this.#samples(id).map(({ wireBytes }) => wireBytes ?? NaN));
  }

  /** Most memory, MiB, of any process in any round. */
  peakMiB(id: string): number {
    const peaks = this.#samples(id).flatMap(({ peakRssMiB }) => Object.values(peakRssMiB ?? {}));
    return peaks.length === 0 ? NaN : Math.max(...peaks);
  }

  /** The figure as a multiple of its reference's. */
  ratio(id: string): number {
    const reference = this.#byId.get(id)?.line.reference ?? '';
    return this.median(id) / this.median(reference);
  }

  #samples(id: string): readonly Sample[] {
    return this.#byId.get(id)?.samples ?? [];
  }

  #values(id: string): number[] {
    const result = this.#byId.get(id);
    return result ? result.samples.map((sample) => valueOf(result.line, sample)) : [];
  }
}
