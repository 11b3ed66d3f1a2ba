import { setTimeout as delay } from 'node:timers/promises';
import { shardBytes } from '../../chunk/geometry.js';
import { decodeReceipt } from '../../chunk/receipt.js';
import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Catalog, SignedShare } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';
import type { Traces } from '../trace/traces.js';
import { missingShards, spareOf, type ShareCensus } from './census.js';
import type { Colleague, Taking } from './colleague.js';
import type { DamageBook } from './damageBook.js';
import { countedShare, type Holdings } from './holdings.js';
import { planRepair } from './plan.js';
import { readBack } from './readBack.js';
import { repairLimits } from '../limits.js';

export interface RepairerOptions {
  readonly catalog: Pick<Catalog, 'signed' | 'merge'>;
  readonly holdings: Holdings;
  readonly damage: DamageBook;
  readonly traces: Pick<Traces, 'find'>;
  readonly logger: Logger;
  readonly holder: (nodeId: string) => Holder | undefined;
  readonly colleague: (nodeId: string) => Colleague | undefined;
  /** Members of whom others say that they are there. */
  readonly heardOf: (nodeId: string) => void;
}

export interface RepairOptions {
  /** Who cannot be reached now counts as gone, whatever the grace. */
  readonly onlyOnline: boolean;
  /** Somebody waits for it. */
  readonly now: boolean;
  readonly signal: AbortSignal;
  /** Bytes of pieces that are made, and of those that are to be made, as far as that is known. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What became of one shard. */
export interface ShardRepair {
  readonly shard: number;
  /** Who holds it now; null when nobody could take it. */
  readonly holderId: string | null;
  /** `mended`: put right in place. */
  readonly outcome: 'made' | 'mended' | 'failed';
  readonly problem: string | null;
}

export interface ShareRepair {
  readonly shareId: string;
  /** One for each shard that was missing. */
  readonly shards: readonly ShardRepair[];
  /** Live shards afterwards, of `n`; `n − k` of them may be lost. */
  readonly live: number;
  readonly n: number;
  readonly spare: number;
}

/** Sees to it that every shard of a share is held, by asking members to take what is missing. */
export class Repairer {
  constructor(private readonly options: RepairerOptions) {}

  /** @throws PeerError `not-found`, `cancelled` */
  async repair(shareId: string, options: RepairOptions): Promise<ShareRepair> {
    const { catalog, holdings } = this.options;
    const share = await catalog.signed(shareId);
    const census = await this.#census(share, options);
    const shards: ShardRepair[] = [];
    if (missingShards(census).length > 0) {
      const plan = planRepair(census, holdings.candidates());
      const make = [...plan.make];
      for (const { shard, holderId } of plan.mend) {
        const mended = await this.#mend(share, shard, holderId, options);
        if (mended.outcome === 'mended') shards.push(mended);
        else make.push(shard);
      }
      const takers = [...plan.takers];
      for (const shard of make) shards.push(await this.place(share, shard, takers, options));
    }
    if (options.now) await this.#mendDoubtful(share, census, options);
    const after = await this.#census(share, options);
    const live = after.n - missingShards(after).length;
    return { shareId, shards, live, n: after.n, spare: spareOf(after) };
  }

  /** Has what rotted put right although others hold the same, so that nothing is missing. @throws PeerError `cancelled` */
  async mendDoubtful(shareId: string, options: RepairOptions): Promise<void> {
    const share = await this.options.catalog.signed(shareId);
    await this.#mendDoubtful(share, await this.#census(share, options), options);
  }

  async #mendDoubtful(
    share: SignedShare,
    census: ShareCensus,
    options: RepairOptions,
  ): Promise<void> {
    const there = new Set(this.options.holdings.candidates().map(({ nodeId }) => nodeId));
    const missing = missingShards(census);
    for (const { shard, holderId, standing } of census.holdings) {
      if (standing !== 'damaged' || missing.includes(shard) || !there.has(holderId)) continue;
      await this.#mend(share, shard, holderId, options);
    }
  }

  async #census(share: SignedShare, { onlyOnline }: RepairOptions) {
    const [census] = await this.options.holdings.census([countedShare(share)], onlyOnline);
    if (census === undefined) throw new PeerError('internal', 'A share was lost on the way.');
    return census;
  }

  /** Lets a holder put right what it has, and looks whether it did. */
  async #mend(
    share: SignedShare,
    shard: number,
    holderId: string,
    options: RepairOptions,
  ): Promise<ShardRepair> {
    const { damage, holder } = this.options;
    const { shareId } = share.row;
    try {
      await this.#take(share, shard, holderId, options);
      const who = holder(holderId);
      const found =
        who === undefined ? 'unknown' : await readBack(share, shard, who, options.signal);
      if (found === 'damaged') {
        damage.report(shareId, shard, holderId, 'lied');
        throw new PeerError('integrity', 'It says that it put its shard right, and did not.');
      }
      if (found !== 'whole') {
        throw new PeerError(
          'unreachable',
          'It says that it put its shard right, and shows no piece.',
        );
      }
      damage.clear(shareId, shard, holderId);
      return { shard, holderId, outcome: 'mended', problem: null };
    } catch (error) {
      return this.#failed(shard, error, options);
    }
  }

  /**
   * Has somebody take a shard: the first of `takers` who can, who is taken out of the list.
   *
   * @throws PeerError `cancelled`
   */
  async place(
    share: SignedShare,
    shard: number,
    takers: string[],
    options: RepairOptions,
  ): Promise<ShardRepair> {
    const { logger, heardOf } = this.options;
    let failed: ShardRepair = {
      ...{ shard, holderId: null, outcome: 'failed' },
      problem: 'No member is there that holds none of it.',
    };
    const asked = [...takers];
    let held = 0;
    for (const nodeId of asked) {
      try {
        await this.#take(share, shard, nodeId, options);
        takers.splice(takers.indexOf(nodeId), 1);
        logger.info('shard made anew', share.row.shareId, shard, nodeId);
        return { shard, holderId: nodeId, outcome: 'made', problem: null };
      } catch (error) {
        failed = this.#failed(shard, error, options);
        if (PeerError.is(error, 'exists')) held += 1;
        // Whatever one says, the next may do it: one is connected to few others, and one may lie.
      }
    }
    // All of them are connected to whom this peer misses, and have looked.
    if (held > 0 && held === asked.length) {
      for (const holderId of await this.#holdersOf(share, shard)) heardOf(holderId);
    }
    return failed;
  }

  async #holdersOf(share: SignedShare, shard: number): Promise<string[]> {
    const [census] = await this.options.holdings.census([countedShare(share)]);
    const holdings = census?.holdings ?? [];
    return holdings.filter((one) => one.shard === shard).map(({ holderId }) => holderId);
  }

  #failed(shard: number, error: unknown, { signal }: RepairOptions): ShardRepair {
    if (signal.aborted) throw new PeerError('cancelled', 'The repair was cancelled.');
    const problem = PeerError.from(error).message;
    return { shard, holderId: null, outcome: 'failed', problem };
  }

  /** Asks until it has the shard, and takes its receipt over. */
  async #take(
    share: SignedShare,
    shard: number,
    nodeId: string,
    options: RepairOptions,
  ): Promise<void> {
    const trace = this.options.traces.find(share.row.shareId);
    try {
      await this.#untilTaken(share, shard, nodeId, options, ({ done, total }) => {
        options.onProgress?.(done, total);
        trace?.making(nodeId, shard, done, total);
      });
    } finally {
      trace?.made(nodeId, shard);
    }
  }

  async #untilTaken(
    share: SignedShare,
    shard: number,
    nodeId: string,
    { now: isAwaited, signal }: RepairOptions,
    onTaking: (taking: Taking) => void,
  ): Promise<void> {
    const { colleague, catalog } = this.options;
    const patience = isAwaited ? repairLimits.stallWhenAwaitedMs : repairLimits.stallMs;
    const began = performance.now();
    // However slowly it moves: who tells of progress for ever does not hold up the rest.
    const bytes = shardBytes(share.manifest.geometry);
    const longest = 2 * patience + (1000 * bytes) / repairLimits.leastBytesPerSecond;
    let most = -1;
    let movedAt = began;
    for (
      let poll: number = repairLimits.firstPollMs;
      ;
      poll = Math.min(poll * 2, repairLimits.longestPollMs)
    ) {
      const who = colleague(nodeId);
      if (who === undefined) throw new PeerError('closed', 'This peer is not connected.');
      const taking: Taking = await who.take(share.row.shareId, shard, isAwaited, signal);
      onTaking(taking);
      if (taking.receipt !== null) {
        const { holderId, shard: taken } = decodeReceipt(taking.receipt);
        if (toHex(holderId) !== nodeId || taken !== shard) {
          throw new PeerError('not-trusted', 'It answered with a receipt of something else.');
        }
        await catalog.merge([{ kind: 'receipt', bytes: taking.receipt }]);
        return;
      }
      const now = performance.now();
      if (taking.done > most) movedAt = now;
      most = Math.max(most, taking.done);
      if (now - movedAt > patience || now - began > longest) {
        throw new PeerError('timeout', 'It gets no further.');
      }
      await delay(poll, undefined, { signal, ref: false });
    }
  }
}
