import type { LineResult } from './results.js';
import { NotAvailable, type Row, type Sample } from './row.js';

/** Rows that alternate: round after round each of them runs once, so that noise hits all alike. */
export interface Phase {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly rounds: number;
  /** As many rounds run whatever the time; beyond, only while `budgetSeconds` last. */
  readonly leastRounds: number;
  readonly budgetSeconds: number;
}

export interface Runner {
  /** Runs a row once. */
  run(row: Row): Promise<Readonly<Record<string, Sample>>>;
  /** Programs of `needs` that are missing here. */
  missing(needs: readonly string[]): readonly string[];
  log(text: string): void;
  /** Seconds on a clock that never goes back. */
  now(): number;
  readonly signal: AbortSignal;
}

/** A row that failed so often in a row does not run again. */
const mostFailures = 2;

/** Runs a phase to its end; what fails or is missing is told, and keeps nothing else from running. */
export async function runPhase(phase: Phase, runner: Runner): Promise<LineResult[]> {
  const states = phase.rows.map((row) => new RowState(row, runner.missing(row.needs)));
  const started = runner.now();
  for (let round = 1; round <= phase.rounds; round += 1) {
    const late = runner.now() - started > phase.budgetSeconds;
    if (late && round > phase.leastRounds) {
      runner.log(`${phase.name}: no time for more than ${round - 1} rounds`);
      break;
    }
    for (const state of states) {
      if (!state.runsIn(round)) continue;
      runner.signal.throwIfAborted();
      await state.run(runner, `${phase.name} ${round}/${phase.rounds}`);
    }
  }
  return states.flatMap((state) => state.results());
}

class RowState {
  readonly #samples = new Map<string, Sample[]>();
  #problem: string | null;
  #failures = 0;
  #gone: boolean;

  constructor(
    readonly row: Row,
    missing: readonly string[],
  ) {
    this.#problem = missing.length > 0 ? `not installed: ${missing.join(', ')}` : null;
    this.#gone = missing.length > 0;
  }

  runsIn(round: number): boolean {
    return !this.#gone && round <= (this.row.rounds ?? Infinity);
  }

  async run(runner: Runner, where: string): Promise<void> {
    const name = this.row.lines.map(({ id }) => id).join(' + ');
    try {
      const samples = await runner.run(this.row);
      for (const [id, sample] of Object.entries(samples)) {
        this.#samples.set(id, [...(this.#samples.get(id) ?? []), sample]);
      }
      this.#failures = 0;
      const times = Object.values(samples).map(({ seconds }) => `${seconds.toFixed(2)} s`);
      runner.log(`${where}  ${name}: ${times.join(', ')}`);
    } catch (error) {
      runner.signal.throwIfAborted();
      this.#failures += 1;
      this.#gone = error instanceof NotAvailable || this.#failures === mostFailures;
      const text = error instanceof Error ? error.message : String(error);
      this.#problem = error instanceof NotAvailable ? text : `failed: ${text.split('\n')[0] ?? ''}`;
      runner.log(`${where}  ${name}: ${text}`);
    }
  }

  results(): LineResult[] {
    return this.row.lines.map((line) => ({
      line,
      samples: this.#samples.get(line.id) ?? [],
      problem: this.#problem,
    }));
  }
}
