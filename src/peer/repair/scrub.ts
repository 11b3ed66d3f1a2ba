import * as z from 'zod';
import { shardBytes, pieceBytes } from '../../chunk/geometry.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { HeldShard, ShardStore, StateStore } from '../../store/store.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Mender } from './mender.js';
import type { Pace } from './pace.js';
import { repairLimits } from '../limits.js';

/** How long it takes to look at everything once. */
export const usualScrubMs = 30 * 24 * 60 * 60_000;
const key = 'scrub';

const cursorSchema = z.object({
  shareId: z.string(),
  shard: z.int(),
  segment: z.int().min(0),
});
type Cursor = z.infer<typeof cursorSchema>;

export interface ScrubOptions {
  readonly shards: Pick<ShardStore, 'allHeld'>;
  readonly state: Pick<StateStore, 'getSetting' | 'setSetting'>;
  readonly catalog: Pick<Catalog, 'signed'>;
  readonly mender: Mender;
  readonly pace: Pace;
  readonly logger: Logger;
  /** Milliseconds for all of it. */
  readonly roundMs: () => number;
  readonly signal: AbortSignal;
}

/** Re-reads what this peer stores, a little at a time, in the order of ids, round after round. */
export class Scrub {
  #held: readonly HeldShard[] = [];
  #listedAt = Number.NEGATIVE_INFINITY;
  /** Undefined until it was read. */
  #cursor: Cursor | null | undefined;
  #keptAt = performance.now();

  constructor(private readonly options: ScrubOptions) {}

  /**
   * Goes on from where it stopped, for its share of `passedMs`.
   *
   * @returns rotten pieces that were found and healed
   */
  async step(passedMs: number): Promise<number> {
    const { roundMs } = this.options;
    await this.#list();
    if (this.#held.length === 0) return 0;
    const stored = this.#held.reduce((sum, { geometry }) => sum + shardBytes(geometry), 0);
    let left = Math.min(
      repairLimits.mostStepBytes,
      Math.max(repairLimits.leastStepBytes, (stored / roundMs()) * passedMs),
    );
    let cursor = await this.#begin();
    let healed = 0;
    // Once around at most.
    for (let shards = 0; left > 0 && shards <= this.#held.length;) {
      const run = await this.#run(cursor, left);
      if (run === null) break;
      healed += run.pieces;
      left -= run.bytes;
      cursor = run.cursor;
      if (cursor.segment === 0) shards += 1;
    }
    this.#cursor = cursor;
    if (performance.now() - this.#keptAt >= repairLimits.placeEveryMs) await this.keep();
    return healed;
  }

  /** Writes down where it is. */
  async keep(): Promise<void> {
    this.#keptAt = performance.now();
    if (this.#cursor == null) return;
    await this.options.state.setSetting(key, JSON.stringify(this.#cursor));
  }

  async #begin(): Promise<Cursor | null> {
    if (this.#cursor !== undefined) return this.#cursor;
    const text = await this.options.state.getSetting(key);
    return text === null ? null : (cursorSchema.safeParse(JSON.parse(text)).data ?? null);
  }

  #isStopped(): boolean {
    return this.options.signal.aborted;
  }

  async #list(): Promise<void> {
    if (performance.now() - this.#listedAt < repairLimits.listMs) return;
    this.#listedAt = performance.now();
    const all = await this.options.shards.allHeld();
    this.#held = all.filter(({ state }) => state === 'committed').sort(byPlace);
  }

  /** A few pieces from the cursor on; the next cursor has segment 0 at the start of a shard. */
  async #run(
    cursor: Cursor | null,
    left: number,
  ): Promise<{ pieces: number; bytes: number; cursor: Cursor } | null> {
    const { catalog, mender, pace, logger, signal } = this.options;
    const at = cursor === null ? 0 : this.#held.findIndex((held) => byPlace(held, cursor) >= 0);
    const held = this.#held[Math.max(0, at)];
    if (held === undefined || this.#isStopped()) return null;
    const { shareId, shard, geometry } = held;
    const isThere = cursor?.shareId === shareId && cursor.shard === shard;
    let segment = isThere ? Math.min(cursor.segment, geometry.segments - 1) : 0;
    const following = this.#held[(this.#held.indexOf(held) + 1) % this.#held.length] ?? held;
    const next: Cursor = { shareId: following.shareId, shard: following.shard, segment: 0 };
    let pieces = 0;
    let bytes = 0;
    try {
      const share = await catalog.signed(shareId);
      while (bytes < left) {
        const run = await mender.mendSome(share, shard, segment, pace, signal);
        const end = run.next ?? geometry.segments;
        let size = 0;
        for (; segment < end; segment++) size += pieceBytes(geometry, segment);
        bytes += size;
        pieces += run.pieces;
        if (run.next === null) return { pieces, bytes, cursor: next };
        await pace.take(size, signal);
      }
      return { pieces, bytes, cursor: { shareId, shard, segment } };
    } catch (error) {
      if (this.#isStopped()) return null;
      const skipped = { pieces, bytes: bytes + 1, cursor: next };
      if (PeerError.is(error, 'not-found')) {
        this.#listedAt = Number.NEGATIVE_INFINITY; // it was dropped or deleted since
        return skipped;
      }
      // It is known for what it is; the others come first.
      logger.warn('could not check a shard', shareId, shard, PeerError.from(error).message);
      return skipped;
    }
  }
}

function byPlace(
  a: Pick<HeldShard, 'shareId' | 'shard'>,
  b: Pick<HeldShard, 'shareId' | 'shard'>,
): number {
  if (a.shareId !== b.shareId) return a.shareId < b.shareId ? -1 : 1;
  return a.shard - b.shard;
}
