import { PeerError } from '../../common/errors.js';
import { shardKey } from '../shardKey.js';

/**
 * Which shards this peer is about to drop. It keeps the last holder of a shard from being one who drops it:
 *
 * - whoever drops a shard first marks it here, and asks another holder whether it may rely on it;
 * - whoever is asked says yes only while it holds the shard and has not marked it.
 *
 * Suppose all holders dropped it. The one whose yes was given last got it from a holder that had not marked the
 * shard then; that one marked it later, and so was given its own yes later still: a contradiction. No clock and no order of
 * holders is needed for this. Where two ask each other, both are refused, and try again another time.
 */
export class Dropping {
  readonly #marked = new Map<string, Promise<unknown>>();

  /** Runs a task while the shard is marked: after those that were begun before, of this peer and for the same shard. */
  async mark<T>(shareId: string, shard: number, task: () => Promise<T>): Promise<T> {
    const key = shardKey({ shareId, shard });
    const before = this.#marked.get(key);
    const run = (async (): Promise<T> => {
      await before?.catch(() => undefined);
      return await task();
    })();
    this.#marked.set(key, run);
    try {
      return await run;
    } finally {
      if (this.#marked.get(key) === run) this.#marked.delete(key);
    }
  }

  /** To be asked when everything else is known, and right before the yes is given. @throws PeerError `in-use` */
  refuseIfMarked(shareId: string, shard: number): void {
    if (this.#marked.has(shardKey({ shareId, shard }))) throw refused();
  }
}

function refused(): PeerError {
  return new PeerError('in-use', 'This shard is being dropped here.', {
    hint: 'Try again in a minute.',
  });
}
