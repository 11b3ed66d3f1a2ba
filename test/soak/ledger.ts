import type { ShareInfo } from '../../src/control/contract.js';

/** What the run has found out of a file that a peer shared. */
export interface Fact {
  readonly shareId: string;
  readonly k: number;
  /** Shards in all. */
  readonly n: number;
  /** Shards of which a sound one was seen on a disk: it must stay so, as long as nobody here spoils or loses it. */
  kept: Set<number>;
  /** Shards of which one was spoilt since the last check: a peer may have relied on that one. */
  readonly shaken: Set<number>;
}

/** What was reported, by the file numbers of the model. */
export class Ledger {
  readonly #facts = new Map<number, Fact>();
  readonly #numbers = new Map<string, number>();

  learn(file: number, { shareId, k, m }: Pick<ShareInfo, 'shareId' | 'k' | 'm'>): Fact {
    const fact = { shareId, k, n: k + m, kept: new Set<number>(), shaken: new Set<number>() };
    this.#facts.set(file, fact);
    this.#numbers.set(shareId, file);
    return fact;
  }

  /** Undefined of a file that nobody reported, or that is listed nowhere yet. */
  find(file: number): Fact | undefined {
    return this.#facts.get(file);
  }

  get(file: number): Fact {
    const fact = this.#facts.get(file);
    if (fact === undefined) throw new RangeError(`nothing is known of file ${file}`);
    return fact;
  }

  /** The file that a share is; undefined when no request has answered with it. */
  fileOf(shareId: string): number | undefined {
    return this.#numbers.get(shareId);
  }

  get files(): ReadonlyMap<number, Fact> {
    return this.#facts;
  }
}
