import { Budget } from '../../common/budget.js';
import type { Time } from '../../common/time.js';
import { meshLimits } from '../limits.js';

/**
 * Addresses at which members were just heard, each to be tried once. Whoever repeats what was heard, or makes it up,
 * does not make this peer dial without end, nor keep it all.
 */
export class Heard {
  /** By member, newest first. */
  readonly #waiting = new Map<string, readonly string[]>();
  /** When each address of each member was let through. */
  readonly #at = new Map<string, number>();
  readonly #budget: Budget;

  constructor(private readonly time: Pick<Time, 'now'>) {
    this.#budget = new Budget(meshLimits.heardDials, time);
  }

  /** Answers whether it is to be tried. */
  add(nodeId: string, address: string): boolean {
    const now = this.time.now();
    for (const [place, at] of this.#at) {
      if (now - at >= meshLimits.heardAgainMs) this.#at.delete(place);
    }
    const place = `${nodeId} ${address}`;
    if (this.#at.has(place) || !this.#budget.take()) return false;
    this.#at.set(place, now);
    const before = this.#waiting.get(nodeId) ?? [];
    this.#waiting.set(nodeId, [address, ...before].slice(0, meshLimits.heardAddresses));
    return true;
  }

  /** The newest that is left of a member. */
  take(nodeId: string): string | undefined {
    const [first, ...left] = this.#waiting.get(nodeId) ?? [];
    if (left.length > 0) this.#waiting.set(nodeId, left);
    else this.#waiting.delete(nodeId);
    return first;
  }

  forget(nodeId: string): void {
    this.#waiting.delete(nodeId);
  }

  /** What was tried may be tried again. */
  reset(): void {
    this.#at.clear();
  }
}
