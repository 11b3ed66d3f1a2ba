import { setTimeout as delay } from 'node:timers/promises';
import type { HolderRisk, StateStore } from '../../store/store.js';

/** Of its time, the database spends no more than one part in so many on this. */
const parts = 20;

/**
 * What hangs on each holder, looked up when it is asked for and something has changed: it goes through all receipts. The
 * more there are, the longer who asks waits for a fresh answer: views ask at every change.
 */
export class RiskBook {
  #known: { readonly version: number; readonly risks: readonly HolderRisk[] } | undefined;
  #version = 0;
  #looking: Promise<readonly HolderRisk[]> | undefined;
  /** By `performance.now()`. */
  #notBefore = 0;

  constructor(
    private readonly state: Pick<StateStore, 'risks'>,
    /** Node ids of holders whose word does not count. */
    private readonly without: () => readonly string[],
  ) {}

  /** What is known may be wrong from now on. */
  forget(): void {
    this.#version += 1;
  }

  async all(): Promise<readonly HolderRisk[]> {
    if (this.#known?.version === this.#version) return this.#known.risks;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return await this.#looking;
  }

  async #look(): Promise<readonly HolderRisk[]> {
    const wait = this.#notBefore - performance.now();
    if (wait > 0) await delay(wait, undefined, { ref: false });
    const version = this.#version;
    const from = performance.now();
    try {
      const risks = await this.state.risks({ without: this.without() });
      this.#known = { version, risks };
      return risks;
    } finally {
      const now = performance.now();
      this.#notBefore = now + (now - from) * (parts - 1);
    }
  }
}
