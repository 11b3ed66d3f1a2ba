import { meshLimits } from '../limits.js';

interface Sample {
  readonly at: number;
  readonly bytes: number;
  /** Bytes a second until then; null when that is not known. */
  readonly rate: number | null;
}

/** How fast peers move bytes: between two looks at what they have moved in all. */
export class Rates {
  readonly #last = new Map<string, Sample>();

  /** @param now milliseconds on a clock that only moves forwards */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * Bytes a second of one peer since the look before; null when nobody has looked for a while.
   *
   * @param bytes sent and received over its connection, in all
   */
  look(nodeId: string, bytes: number): number | null {
    const at = this.now();
    const last = this.#last.get(nodeId);
    const passed = last === undefined ? Infinity : at - last.at;
    if (last !== undefined && passed < meshLimits.rateLeastMs) return last.rate;
    // Another connection begins at nothing.
    const isNew = last === undefined || passed > meshLimits.rateMostMs || bytes < last.bytes;
    const rate = isNew ? null : ((bytes - last.bytes) / passed) * 1000;
    this.#last.set(nodeId, { at, bytes, rate });
    return rate;
  }

  /** Forgets all but these. */
  keep(nodeIds: ReadonlySet<string>): void {
    for (const nodeId of this.#last.keys()) if (!nodeIds.has(nodeId)) this.#last.delete(nodeId);
  }
}
