import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CliOptions } from '../../support/cliProcess.js';

/** One call that makes something durable, and the side of it on which the process dies. */
export interface CrashPoint {
  /** See crashPoint.cjs. */
  readonly name: string;
  /** Which one of that name, from 1. */
  readonly nth: number;
  readonly when: 'before' | 'after';
}

const preload = resolve(import.meta.dirname, '../../support/crashPoint.cjs');

/** Has a process write down its crash points, or die at one; see crashPoint.cjs. */
export class CrashSwitch {
  /** @param file two folders below the one that holds the group's; nothing is there yet */
  constructor(private readonly file: string) {}

  /** What the process has to be started with. */
  get options(): CliOptions {
    return { preload: [preload], env: { CRASH_POINT_FILE: this.file } };
  }

  /** From now on the names of its points are written down. */
  watch(): void {
    this.#order({});
  }

  /** From now on it dies at this point. */
  arm({ name, nth, when }: CrashPoint): void {
    this.#order({ point: name, nth, when });
  }

  /** Nothing happens any more. @returns the names of the points that came, in their order */
  disarm(): readonly string[] {
    rmSync(this.file, { force: true });
    return this.names;
  }

  /** The names of the points that have come up to now. */
  get names(): readonly string[] {
    return readFileSync(this.#log, 'utf8').split('\n').slice(0, -1);
  }

  get #log(): string {
    return `${this.file}.log`;
  }

  /** It comes under its name as a whole: the process may look at any moment. */
  #order(order: Readonly<Record<string, unknown>>): void {
    writeFileSync(this.#log, '');
    writeFileSync(`${this.file}.new`, JSON.stringify(order));
    renameSync(`${this.file}.new`, this.file);
  }
}
