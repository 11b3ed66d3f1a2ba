import type { Geometry } from '../../chunk/geometry.js';
import { PeerError } from '../../common/errors.js';
import { serveLimits } from '../limits.js';
import { shardKey } from '../shardKey.js';

/** What is received: a shard of so many segments. */
export interface Staging {
  readonly shareId: string;
  readonly shard: number;
  readonly geometry: Pick<Geometry, 'segments'>;
}

interface Lease {
  readonly author: string;
  readonly segments: number;
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
   * @throws PeerError `limit` when the author, or all authors, have too much under way.
   */
  begin(author: string, staging: Staging): boolean {
    const key = shardKey(staging);
    const { segments } = staging.geometry;
    const known = this.#leases.get(key);
    if (known !== undefined) {
      known.movedAt = this.now();
      return false;
    }
    this.#checkRoom(author, segments);
    this.#leases.set(key, { author, segments, movedAt: this.now() });
    return true;
  }

  moved(shareId: string, shard: number): void {
    const lease = this.#leases.get(shardKey({ shareId, shard }));
    if (lease !== undefined) lease.movedAt = this.now();
  }

  /** Received whole, or dropped. */
  end(shareId: string, shard: number): void {
    this.#leases.delete(shardKey({ shareId, shard }));
  }

  /** Whether the lease has run out. One that an earlier process began begins anew. */
  isOver(author: string, staging: Staging): boolean {
    const key = shardKey(staging);
    const lease = this.#leases.get(key);
    if (lease !== undefined) return this.now() - lease.movedAt >= serveLimits.stagingMs;
    const { segments } = staging.geometry;
    this.#leases.set(key, { author, segments, movedAt: this.now() });
    return false;
  }

  #checkRoom(author: string, segments: number): void {
    const all = [...this.#leases.values()];
    const own = all.filter((lease) => lease.author === author);
    const { stagings, stagedSegments } = serveLimits;
    const isFull =
      own.length >= stagings ||
      segments + sumOf(own) > stagedSegments.each ||
      segments + sumOf(all) > stagedSegments.total;
    if (!isFull) return;
    throw new PeerError('limit', 'This peer is receiving as much as it can.', {
      hint: 'Try again when some of it is complete.',
    });
  }
}

function sumOf(leases: readonly Lease[]): number {
  return leases.reduce((sum, { segments }) => sum + segments, 0);
}
