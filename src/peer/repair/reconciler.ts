import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { HeldShard } from '../../store/store.js';
import type { Catalog } from '../catalog/catalog.js';
import { repairLimits } from '../limits.js';
import { preferred } from '../placement.js';
import type { UpkeepSettings } from '../settings.js';
import { missingShards, spareOf, type ShareCensus } from './census.js';
import type { Dropper } from './dropper.js';
import type { CountedShare, Holdings } from './holdings.js';
import type { Mender } from './mender.js';
import type { Pace } from './pace.js';
import { isTurnOf, mostEndangeredFirst } from './plan.js';
import type { Repairer } from './repairer.js';
import { moveOf, surplusOf } from './surplus.js';

export interface ReconcilerOptions {
  readonly nodeId: string;
  readonly catalog: Pick<Catalog, 'signed'>;
  readonly holdings: Holdings;
  readonly repairer: Repairer;
  readonly mender: Mender;
  readonly dropper: Dropper;
  readonly pace: Pace;
  readonly logger: Logger;
  /** When it is this peer's turn to repair something. */
  readonly settings: () => Pick<UpkeepSettings, 'patienceMs' | 'turnMs'>;
  /** Whether this peer moves something that people wait for. */
  readonly isBusy: () => boolean;
  readonly signal: AbortSignal;
}

interface Failures {
  readonly times: number;
  readonly among: ReadonlySet<string>;
}

/**
 * Holds where shards are against where they belong, of the shares of which this peer keeps some, and does what is this
 * peer's to do: one step for each share, so that the next look finds what has become of it.
 */
export class Reconciler {
  /** Since when shares have lacked a shard, by `performance.now()`. */
  readonly #lacking = new Map<string, number>();
  /** Repairs of shares that failed since then, and who could be asked at the last one. */
  readonly #failures = new Map<string, Failures>();
  /** When shares of which others are believed to hold damaged shards were looked at again, by `performance.now()`. */
  readonly #lookedAgain = new Map<string, number>();

  constructor(private readonly options: ReconcilerOptions) {}

  /** @returns whether there is more to do, soon */
  async reconcile(held: readonly HeldShard[]): Promise<boolean> {
    const { whole, endangered } = await this.#survey(held);
    for (const shareId of this.#lacking.keys()) {
      if (endangered.some((one) => one.shareId === shareId)) continue;
      this.#lacking.delete(shareId);
      this.#failures.delete(shareId);
    }
    const doubtful = [...whole, ...endangered].filter((census) => this.#isDoubtful(census));
    const ids = new Set(doubtful.map(({ shareId }) => shareId));
    for (const shareId of this.#lookedAgain.keys()) {
      if (!ids.has(shareId)) this.#lookedAgain.delete(shareId);
    }
    const isHopeless = (census: ShareCensus): boolean => this.#failedAmong(census) > 0;
    const inOrder = mostEndangeredFirst(endangered);
    // What could not be done does not keep the others waiting again: its author may have meant that.
    for (const census of [
      ...inOrder.filter((one) => !isHopeless(one)),
      ...inOrder.filter(isHopeless),
    ]) {
      await this.#repairInTurn(census);
      await this.#dropSurplus(census); // so that this peer can take what nobody else can
    }
    let moves = 0;
    for (const census of whole) {
      if (await this.#mendOwn(census)) continue;
      if (await this.#dropSurplus(census)) continue;
      if (moves < repairLimits.movesAtOnce && (await this.#move(census))) moves += 1;
    }
    await this.#lookAgain(doubtful);
    return moves > 0 || endangered.length > 0;
  }

  /** Shares that lack nothing, and those that do. */
  async #survey(held: readonly HeldShard[]): Promise<{
    readonly whole: readonly ShareCensus[];
    readonly endangered: readonly (ShareCensus & { readonly spare: number })[];
  }> {
    const { holdings, signal } = this.options;
    const whole: ShareCensus[] = [];
    const endangered: (ShareCensus & { readonly spare: number })[] = [];
    const all = sharesOf(held);
    for (let at = 0; at < all.length && !signal.aborted; at += repairLimits.sharesAtOnce) {
      const page = all.slice(at, at + repairLimits.sharesAtOnce);
      for (const census of await holdings.census(page)) {
        if (missingShards(census).length === 0) whole.push(census);
        else endangered.push({ ...census, spare: spareOf(census) });
      }
    }
    return { whole, endangered };
  }

  async #repairInTurn(census: ShareCensus): Promise<void> {
    const { repairer, isBusy, signal, logger } = this.options;
    const since = this.#lacking.get(census.shareId) ?? performance.now();
    this.#lacking.set(census.shareId, since);
    if (!this.#isTurn(census, since) || isBusy() || this.#isStopped()) return;
    if (spareOf(census) < 0) {
      // None can be made of what is whole. Of what is not, each may have other pieces that are right.
      const own = this.#rotten(census);
      if (own !== undefined && !(await this.#mend(census, own.shard))) this.#noteFailure(census);
      return;
    }
    try {
      const options = { onlyOnline: false, now: false, signal };
      const { shards, live, n } = await repairer.repair(census.shareId, options);
      logger.info('repaired', census.shareId, `${String(live)} of ${String(n)}`);
      if (shards.some(({ outcome }) => outcome === 'failed')) this.#noteFailure(census);
    } catch (error) {
      if (!this.#isStopped()) {
        logger.warn('could not repair', census.shareId, PeerError.from(error).message);
      }
    }
  }

  /** Nobody could take or mend it: that does not change from one round to the next, unless somebody comes. */
  #noteFailure(census: ShareCensus): void {
    const times = this.#failedAmong(census) + 1;
    this.#failures.set(census.shareId, { times, among: this.#reachable() });
    this.#lacking.set(census.shareId, performance.now());
  }

  /** How often its repair failed in a row, among those that can be asked now. */
  #failedAmong({ shareId }: ShareCensus): number {
    const failures = this.#failures.get(shareId);
    if (failures === undefined) return 0;
    const isNobodyNew = [...this.#reachable()].every((nodeId) => failures.among.has(nodeId));
    return isNobodyNew ? failures.times : 0;
  }

  #reachable(): ReadonlySet<string> {
    return new Set(this.options.holdings.candidates().map(({ nodeId }) => nodeId));
  }

  /** @param since when this peer first saw that the share lacks a shard, or last failed to make it */
  #isTurn(census: ShareCensus, since: number): boolean {
    const { nodeId, holdings } = this.options;
    const { patienceMs, turnMs } = this.options.settings();
    const holders = new Set(
      census.holdings.filter(({ standing }) => standing === 'live').map((one) => one.holderId),
    );
    const order = preferred(
      census.shareId,
      census.authorId,
      holdings.candidates().filter((one) => holders.has(one.nodeId)),
    );
    const times = Math.min(this.#failedAmong(census), repairLimits.failuresThatCount);
    const waited = performance.now() - since - patienceMs * 2 ** times;
    // One that rotted here is put right here, whoever's turn it is.
    return (
      waited >= 0 && (this.#rotten(census) !== undefined || isTurnOf(nodeId, order, waited, turnMs))
    );
  }

  /** Puts right what rotted here, though others have the same: nobody else looks after that. */
  async #mendOwn(census: ShareCensus): Promise<boolean> {
    const own = this.#rotten(census);
    if (own === undefined || this.#isStopped()) return false;
    await this.#mend(census, own.shard);
    return true;
  }

  /** @returns whether it is whole now */
  async #mend({ shareId }: ShareCensus, shard: number): Promise<boolean> {
    const { catalog, mender, pace, logger, signal } = this.options;
    try {
      const share = await catalog.signed(shareId);
      await mender.mend(share, shard, pace, () => undefined, signal);
      return true;
    } catch (error) {
      logger.debug('could not mend a shard', shareId, PeerError.from(error).code);
      return false;
    }
  }

  /**
   * What this peer has found damaged elsewhere may have been put right since, which nobody tells: it is relied on again once
   * its holder has looked at it, and shown a piece. One share a round, that was not looked at for the longest time, and not
   * for long: a holder that takes its time goes on, and is asked again.
   */
  async #lookAgain(doubtful: readonly ShareCensus[]): Promise<void> {
    const { repairer, isBusy, logger } = this.options;
    const lookedAt = ({ shareId }: ShareCensus): number =>
      this.#lookedAgain.get(shareId) ?? -Infinity;
    const [next] = doubtful.toSorted((a, b) => lookedAt(a) - lookedAt(b));
    if (next === undefined || isBusy() || this.#isStopped()) return;
    const now = performance.now();
    if (now - lookedAt(next) < repairLimits.lookAgainMs) return;
    const { shareId } = next;
    this.#lookedAgain.set(shareId, now);
    const signal = AbortSignal.any([
      this.options.signal,
      AbortSignal.timeout(repairLimits.lookForMs),
    ]);
    try {
      await repairer.mendDoubtful(shareId, { onlyOnline: false, now: false, signal });
    } catch (error) {
      logger.debug('could not look again', shareId, PeerError.from(error).code);
    }
  }

  #isDoubtful({ holdings }: ShareCensus): boolean {
    const { nodeId } = this.options;
    return holdings.some((one) => one.standing === 'damaged' && one.holderId !== nodeId);
  }

  async #dropSurplus(census: ShareCensus): Promise<boolean> {
    const { nodeId, catalog, holdings, dropper, logger, signal } = this.options;
    const surplus = surplusOf(nodeId, census, holdings.candidates());
    if (surplus === null || signal.aborted) return false;
    try {
      const share = await catalog.signed(census.shareId);
      const relied = await dropper.drop(share, surplus.shard, surplus.relyOn, signal);
      if (relied !== null) logger.info('dropped a shard that', relied, 'holds', census.shareId);
    } catch (error) {
      logger.debug('kept a shard', census.shareId, PeerError.from(error).code);
    }
    return true;
  }

  /** Has a newcomer take what belongs to it; this peer's own is surplus then. */
  async #move(census: ShareCensus): Promise<boolean> {
    const { nodeId, catalog, holdings, repairer, isBusy, signal } = this.options;
    const move = moveOf(nodeId, census, holdings.candidates());
    if (move === null || isBusy() || signal.aborted) return false;
    const share = await catalog.signed(census.shareId);
    const options = { onlyOnline: false, now: false, signal };
    const { holderId } = await repairer.place(share, move.shard, [move.to], options);
    return holderId !== null;
  }

  /** This peer's own shard, when it is damaged. */
  #rotten({ holdings }: ShareCensus): ShareCensus['holdings'][number] | undefined {
    const { nodeId } = this.options;
    return holdings.find(({ holderId, standing }) => holderId === nodeId && standing === 'damaged');
  }

  #isStopped(): boolean {
    return this.options.signal.aborted;
  }
}

/** Each once. */
function sharesOf(held: readonly HeldShard[]): readonly CountedShare[] {
  const shares = new Map(
    held.map(({ shareId, authorId, geometry: { k, m } }) => [
      shareId,
      { shareId, authorId, k, n: k + m },
    ]),
  );
  return [...shares.values()];
}
