import { PeerError } from '../../common/errors.js';
import { serveLimits } from '../limits.js';

interface Lease {
  readonly author: string;
  readonly shareId: string;
  readonly shard: number;
  /** By `performance.now()`: a wrong or changed clock ends no lease. */
  movedAt: number;
}

/** Which shards are being received, and when each moved last: an author that went away frees its place in time. */
export class StagingLeases {
  readonly #leases = new Map<string, Lease>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * Counts a shard for its author; answers whether it was not counted before.
   *
   * @throws PeerError `limit` when the author has too many under way.
   */
  begin(author: string, shareId: string, shard: number): boolean {
    const key = keyOf(shareId, shard);
    const isNew = !this.#leases.has(key);
    if (isNew) {
      let count = 0;
      for (const lease of this.#leases.values()) if (lease.author === author) count += 1;
      if (count >= serveLimits.stagings) {
        throw new PeerError('limit', 'Too many shares of this author are under way.');
      }
    }
    this.#leases.set(key, { author, shareId, shard, movedAt: this.now() });
    return isNew;
  }

  moved(shareId: string, shard: number): void {
    const lease = this.#leases.get(keyOf(shareId, shard));
    if (lease !== undefined) lease.movedAt = this.now();
  }

  /** Received whole, or dropped. */
  end(shareId: string, shard: number): void {
    this.#leases.delete(keyOf(shareId, shard));
  }

  /** Whether the lease has run out. One that an earlier process began begins anew. */
  isOver(author: string, shareId: string, shard: number): boolean {
    const lease = this.#leases.get(keyOf(shareId, shard));
    if (lease !== undefined) return this.now() - lease.movedAt >= serveLimits.stagingMs;
    this.#leases.set(keyOf(shareId, shard), { author, shareId, shard, movedAt: this.now() });
    return false;
  }
}

function keyOf(shareId: string, shard: number): string {
  return `${shareId}.${String(shard)}`;
}
