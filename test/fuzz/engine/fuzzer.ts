import type { FuzzTarget } from '../target.js';
import type { Coverage } from './coverage.js';
import { mutate } from './mutate.js';
import type { Random } from './random.js';
import { runInput, type Bounds } from './runInput.js';

export interface FuzzerOptions {
  readonly random: Random;
  readonly bounds: Bounds;
  /** Without it, inputs are mutated from the seeds alone. */
  readonly coverage?: Coverage;
  /** Counts what is new, and does not go on from it: to compare with. */
  readonly blind?: boolean;
  /** Called before an input is tried, for whoever watches. */
  readonly onTry?: (input: Uint8Array) => void;
  /** An input that ran something new. */
  readonly onNew?: (input: Uint8Array) => void;
}

/** An input that a target did not survive. */
export class FuzzFinding extends Error {
  constructor(
    readonly input: Uint8Array,
    cause: unknown,
  ) {
    super(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause), { cause });
  }
}

/** Tries inputs on one target: mutations of its seeds, and of every input that ran something new. */
export class Fuzzer {
  readonly #corpus: Uint8Array[] = [];
  #runs = 0;

  constructor(
    private readonly target: FuzzTarget,
    private readonly options: FuzzerOptions,
  ) {}

  get runs(): number {
    return this.#runs;
  }

  get corpus(): readonly Uint8Array[] {
    return this.#corpus;
  }

  /** The seeds, and inputs of earlier runs. @throws FuzzFinding */
  async begin(earlier: readonly Uint8Array[] = []): Promise<void> {
    this.#corpus.push(...this.target.seeds());
    for (const seed of this.#corpus) await this.#try(seed);
    this.options.coverage?.look();
    for (const input of earlier) await this.#explore(input);
  }

  /** Another input. @throws FuzzFinding */
  async step(): Promise<void> {
    const { random } = this.options;
    const { head = 0, maxBytes = 4096 } = this.target;
    const others = this.#corpus;
    // What came last is nearest to what nobody has seen.
    const input = random.pick(random.oneIn(3) ? others.slice(-20) : others);
    await this.#explore(mutate(input, { random, others, head, maxBytes }));
  }

  async #explore(input: Uint8Array): Promise<void> {
    const { coverage, blind, onNew } = this.options;
    await this.#try(input);
    if (coverage?.look() !== true) return;
    if (blind !== true) this.#corpus.push(input);
    onNew?.(input);
  }

  async #try(input: Uint8Array): Promise<void> {
    this.options.onTry?.(input);
    this.#runs += 1;
    try {
      await runInput(this.target, input, this.options.bounds);
    } catch (error) {
      throw new FuzzFinding(input, error);
    }
  }
}
