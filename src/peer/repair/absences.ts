import type { StateStore } from '../../store/store.js';
import { repairLimits } from '../limits.js';

export interface AbsenceOptions {
  readonly state: Pick<StateStore, 'putAbsences'>;
  /** Other members of the group. */
  readonly members: () => Iterable<string>;
  readonly isOnline: (nodeId: string) => boolean;
  /** Milliseconds since some moment, never going back. */
  readonly now: () => number;
}

/**
 * How long each member has been away, as far as this peer can tell: only the time counts in which it ran and was
 * connected to somebody. A peer that was asleep, or cut off by itself, has seen nobody leave.
 */
export class Absences {
  readonly #away: Map<string, number>;
  #last: number;
  #kept: number;

  /** @param away what was counted in earlier runs */
  constructor(
    private readonly options: AbsenceOptions,
    away: ReadonlyMap<string, number>,
  ) {
    this.#away = new Map(away);
    this.#last = options.now();
    this.#kept = this.#last;
  }

  /** Milliseconds; 0 of one that is there. */
  of(nodeId: string): number {
    return this.options.isOnline(nodeId) ? 0 : (this.#away.get(nodeId) ?? 0);
  }

  /** One that is not connected was met by others, which tells that it is there. */
  heardOf(nodeId: string): void {
    this.#away.delete(nodeId);
  }

  /** Counts the time since the last call. To be called every minute or so, and when somebody comes or goes. */
  async tick(): Promise<void> {
    const { members, isOnline, now } = this.options;
    const at = now();
    const passed = Math.min(at - this.#last, repairLimits.longestTickMs);
    this.#last = at;
    const all = [...members()];
    const meetsSomebody = all.some(isOnline);
    for (const nodeId of all) {
      if (isOnline(nodeId)) this.#away.delete(nodeId);
      else if (meetsSomebody) this.#away.set(nodeId, (this.#away.get(nodeId) ?? 0) + passed);
    }
    if (at - this.#kept < repairLimits.absencesEveryMs) return;
    this.#kept = at;
    await this.keep();
  }

  /** Writes down what was counted. */
  async keep(): Promise<void> {
    await this.options.state.putAbsences(this.#away);
  }
}
