import { repairLimits } from '../limits.js';
import { shardKey } from '../shardKey.js';

/**
 * `damaged`: some or all of a shard was not there, or not right. `lied`: nor was it after its holder said that it had put it
 * right.
 */
export type Damage = 'damaged' | 'lied';

/**
 * What this peer knows of shards that are not what their receipts say, until it learns better. It is kept in memory, and
 * told to nobody: a report could be a lie, and whoever needs to know looks for himself.
 */
export class DamageBook {
  readonly #reports = new Map<string, Damage>();

  /** @param onClear a shard was put right, or found whole */
  constructor(
    private readonly onClear: (shareId: string, shard: number, holderId: string) => void = () =>
      undefined,
  ) {}

  report(shareId: string, shard: number, holderId: string, damage: Damage): void {
    const key = keyOf(shareId, shard, holderId);
    this.#reports.delete(key);
    this.#reports.set(key, damage);
    for (const oldest of this.#reports.keys()) {
      if (this.#reports.size <= repairLimits.reports) break;
      this.#reports.delete(oldest);
    }
  }

  /** It was looked at again, and is whole. */
  clear(shareId: string, shard: number, holderId: string): void {
    this.#reports.delete(keyOf(shareId, shard, holderId));
    this.onClear(shareId, shard, holderId);
  }

  of(shareId: string, shard: number, holderId: string): Damage | null {
    return this.#reports.get(keyOf(shareId, shard, holderId)) ?? null;
  }
}

function keyOf(shareId: string, shard: number, holderId: string): string {
  return `${shardKey({ shareId, shard })} ${holderId}`;
}
