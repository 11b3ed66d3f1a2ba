import { randomInt } from 'node:crypto';
import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Connection } from '../../net/connection.js';
import type { HeldShard, Store } from '../../store/store.js';
import type { Catalog, SignedShare } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';
import type { JobRuntime } from '../jobs/jobThread.js';
import type { Membership, OwnIdentity } from '../membership/membership.js';
import { ReadThread } from '../read/readThread.js';
import type { HolderService } from '../serve/holderService.js';
import type { UpkeepSettings } from '../settings.js';
import type { Traces } from '../trace/traces.js';
import { verifyShare, type ShardCheck } from '../verify.js';
import { Absences } from './absences.js';
import { missingShards, spareOf, type ShareCensus } from './census.js';
import { RemoteColleague, type Colleague } from './colleague.js';
import { DamageBook } from './damageBook.js';
import { Dropper } from './dropper.js';
import type { Grace } from './grace.js';
import { countedShare, Holdings, type CountedShare } from './holdings.js';
import { takeInventory } from './inventory.js';
import { Leaver } from './leaver.js';
import { Mender } from './mender.js';
import { OwnWord } from './ownWord.js';
import { SteadyPace, type Pace } from './pace.js';
import { isTurnOf, mostEndangeredFirst } from './plan.js';
import { preferred } from '../placement.js';
import { readBack } from './readBack.js';
import { Repairer, type RepairOptions, type ShareRepair } from './repairer.js';
import { Scrub } from './scrub.js';
import { moveOf, surplusOf } from './surplus.js';
import { Taker } from './taker.js';
import { repairLimits } from '../limits.js';

export interface UpkeepOptions {
  readonly identity: OwnIdentity;
  readonly membership: Membership;
  readonly catalog: Catalog;
  readonly store: Store;
  readonly service: HolderService;
  readonly runtime: JobRuntime;
  readonly traces: Traces;
  readonly logger: Logger;
  readonly settings: () => UpkeepSettings;
  readonly isLeaving: () => boolean;
  /** Whether this peer moves something that people wait for. */
  readonly isBusy: () => boolean;
  /** Whether a member was declared lost. */
  readonly isLost: (nodeId: string) => boolean;
  readonly stays: (nodeId: string) => boolean;
  readonly holder: (nodeId: string) => Holder | undefined;
  readonly connection: (nodeId: string) => Connection | undefined;
  /** For how long members were away by earlier runs. */
  readonly away: ReadonlyMap<string, number>;
}

function membersOf(membership: Membership): Iterable<string> {
  return membership.hasGroup ? membership.roster.members.keys() : [];
}

/**
 * Keeps the shards of the group whole and in their places, as far as this peer is concerned: repairs what is missing when it
 * is its turn, drops what is held twice, re-reads its own disk, and asks others for proof of theirs.
 */
export class Upkeep implements Disposable {
  readonly damage: DamageBook;
  readonly taker: Taker;
  readonly dropper: Dropper;
  readonly repairer: Repairer;
  readonly leaver: Leaver;
  readonly mender: Mender;
  readonly holdings: Holdings;
  readonly #absences: Absences;
  readonly #pace: Pace;
  readonly #scrub: Scrub;
  readonly #word: OwnWord;
  readonly #thread: ReadThread;
  readonly #stopped = new AbortController();
  /** Since when shares have lacked a shard, by `performance.now()`. */
  readonly #lacking = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #roundsUntilLook = 0;
  #scrubbedAt = performance.now();
  #isStarted = false;
  #inventoryDue = true;
  #held: readonly HeldShard[] = [];

  constructor(private readonly options: UpkeepOptions) {
    const { identity, membership, catalog, store, service, logger, holder } = options;
    const { settings, isBusy, isLost, stays, isLeaving } = options;
    const { nodeId } = identity;
    const absences = (this.#absences = new Absences(
      {
        state: store.state,
        members: () => [...membersOf(membership)].filter((id) => id !== nodeId),
        isOnline: (id) => options.connection(id) !== undefined,
        now: () => performance.now(),
      },
      options.away,
    ));
    const { signal } = this.#stopped;
    const { traces } = options;
    const damage = (this.damage = new DamageBook((shareId, shard, holderId) => {
      traces.find(shareId)?.healed(holderId, shard);
    }));
    const thread = (this.#thread = new ReadThread(options.runtime, () => undefined));
    const pace = (this.#pace = new SteadyPace(() => settings().bytesPerSecond, isBusy));
    const word = (this.#word = new OwnWord(identity, membership, store.state, catalog));
    const { shards, state } = store;
    const grace = (): Grace => this.grace;
    const holdings = (this.holdings = new Holdings({
      ...{ nodeId, catalog, membership, absences, damage, isLost, isLeaving, stays, grace, holder },
    }));
    const mender = (this.mender = new Mender({
      ...{ nodeId, shards, holdings, thread, damage, logger },
    }));
    this.taker = new Taker({
      ...{ nodeId, catalog, shards, service, word, holdings, mender, damage, thread, pace },
      ...{ logger, holder, isLeaving, signal },
    });
    const colleague = (id: string) => this.#colleague(id);
    const dropper = (this.dropper = new Dropper({ catalog, shards, word, damage, colleague }));
    const heardOf = (id: string): void => {
      absences.heardOf(id);
    };
    const repairer = (this.repairer = new Repairer({
      ...{ catalog, holdings, damage, traces, logger, holder, colleague, heardOf },
    }));
    this.leaver = new Leaver({ nodeId, catalog, shards, holdings, repairer, dropper });
    this.#scrub = new Scrub({
      ...{ shards, state, catalog, mender, pace, logger, signal },
      roundMs: () => settings().scrubMs,
    });
  }

  /** How long holders may be away. */
  get grace(): Grace {
    const { graceMs, graceOthersMs } = this.options.settings();
    return { staysMs: graceMs, othersMs: graceOthersMs };
  }

  /** Begins to look after things, now and then. */
  start(): void {
    this.#isStarted = true;
    this.#schedule();
  }

  /** Another interval may be wanted from now on. */
  reschedule(): void {
    if (this.#isStarted && this.#timer !== undefined) this.#schedule();
  }

  /** This peer's own shard is not what it should be, or is not there: it is put right, or released, in the next round. */
  foundDamage(shareId: string, shard: number): void {
    this.damage.report(shareId, shard, this.options.identity.nodeId, 'damaged');
    this.#inventoryDue = true;
    this.lookSoon();
  }

  /** Shards have come to be here for which others may lack this peer's word. */
  takeInventorySoon(): void {
    this.#inventoryDue = true;
  }

  /** Something has changed that may be a reason to repair: the next round looks at everything. */
  lookSoon(): void {
    this.#roundsUntilLook = 0;
  }

  /** Takes over what a verification of all holders has found. */
  learn({ row: { shareId }, manifest }: SignedShare, checks: readonly ShardCheck[]): void {
    for (const { shard, holderId, status } of checks) {
      if (status === 'ok') this.damage.clear(shareId, shard, holderId);
      else if (status !== 'unreachable') {
        this.damage.report(shareId, shard, holderId, 'damaged');
        this.lookSoon();
      }
    }
    this.options.traces.learn(shareId, manifest.geometry, checks);
  }

  /** Re-reads all shards of a share and has made anew what is missing. @throws PeerError `not-found`, `cancelled` */
  async repairOne(shareId: string, options: RepairOptions): Promise<ShareRepair> {
    const { catalog, holder, traces } = this.options;
    const share = await catalog.signed(shareId);
    const locations = await catalog.locations(shareId);
    const { signal } = options;
    const trace = traces.of(shareId, share.manifest.geometry);
    const checks = await verifyShare({
      ...{ share, locations, holder, signal },
      onProgress: () => undefined,
      onChunks: (holderId, shard, chunks) => {
        trace.checking(holderId, shard, chunks);
      },
    }).finally(() => {
      trace.settle();
    });
    this.learn(share, checks);
    return await this.repairer.repair(shareId, options);
  }

  /** All listed shares, the most endangered first; answers those that lacked something. @throws PeerError `cancelled` */
  async repairAll(options: RepairOptions): Promise<readonly ShareRepair[]> {
    const { state } = this.options.store;
    const lacking: { readonly shareId: string; readonly spare: number }[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof state.listShares>> = await state.listShares(
        cursor,
        repairLimits.sharesAtOnce,
      );
      const shares = page.shares.map(({ shareId, authorId, k, m }) => ({
        ...{ shareId, authorId, k, n: k + m },
      }));
      for (const census of await this.holdings.census(shares, options.onlyOnline)) {
        const probed = await this.#probe(census, options);
        if (missingShards(probed).length > 0) {
          lacking.push({ shareId: probed.shareId, spare: spareOf(probed) });
        }
      }
      cursor = page.cursor;
    } while (cursor !== null);
    const repairs: ShareRepair[] = [];
    for (const { shareId } of mostEndangeredFirst(lacking)) {
      repairs.push(await this.repairer.repair(shareId, options));
    }
    return repairs;
  }

  /** Asks everybody who is there for one piece of what it holds of a share. */
  async #probe(census: ShareCensus, { onlyOnline, signal }: RepairOptions): Promise<ShareCensus> {
    const share = await this.options.catalog.signed(census.shareId);
    await Promise.all(
      census.holdings.map(async ({ holderId, shard }) => {
        const holder = this.options.holder(holderId);
        if (holder === undefined) return;
        const found = await readBack(share, shard, holder, signal);
        if (found === 'damaged') this.damage.report(census.shareId, shard, holderId, 'damaged');
      }),
    );
    const [probed] = await this.holdings.census([census], onlyOnline);
    return probed ?? census;
  }

  /** Whether a share lacks shards, and who holds what. */
  async census(share: CountedShare): Promise<ShareCensus> {
    const [census] = await this.holdings.census([share]);
    if (census === undefined) throw new PeerError('internal', 'A share was lost on the way.');
    return census;
  }

  dispose(): void {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    clearTimeout(this.#timer);
  }

  /** Ends what is under way; what was counted is kept. */
  async close(): Promise<void> {
    this.dispose();
    await Promise.all([this.#round, this.taker.idle()]);
    await this.#thread.close();
    await this.#absences.keep();
    await this.#scrub.keep();
  }

  #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  #schedule(): void {
    if (this.#stopped.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined; // until the round is over
      this.#round = this.#look()
        .catch((error: unknown) => {
          if (this.#stopped.signal.aborted) return;
          this.options.logger.warn('upkeep failed', PeerError.from(error).message);
        })
        .finally(() => {
          this.#schedule();
        });
    }, this.options.settings().everyMs);
    this.#timer.unref();
  }

  /** One round. */
  async #look(): Promise<void> {
    const { membership, isBusy } = this.options;
    if (!membership.hasGroup) return;
    await this.#absences.tick();
    if (isBusy()) return;
    if (this.#inventoryDue) await this.#takeInventory();
    if (this.#roundsUntilLook > 0) this.#roundsUntilLook -= 1;
    else {
      const all = await this.options.store.shards.allHeld();
      this.#held = all.filter(({ state }) => state === 'committed');
      await this.#lookAtAll(this.#held);
    }
    if (this.#held.length === 0) return;
    await this.#readSomethingBack(this.#held);
    const now = performance.now();
    const passed = now - this.#scrubbedAt;
    this.#scrubbedAt = now;
    await this.#scrub.step(passed);
  }

  async #takeInventory(): Promise<void> {
    const { identity, store, catalog, logger } = this.options;
    this.#inventoryDue = false; // what comes to be here meanwhile makes it due again
    try {
      await takeInventory({
        ...{ nodeId: identity.nodeId, shards: store.shards, state: store.state },
        ...{ catalog, word: this.#word, logger, signal: this.#stopped.signal },
      });
    } catch (error) {
      this.#inventoryDue = true;
      throw error;
    }
  }

  async #lookAtAll(held: readonly HeldShard[]): Promise<void> {
    this.#roundsUntilLook = repairLimits.quietRounds;
    const shares = new Map(
      held.map(({ shareId, authorId, geometry }) => {
        const { k, m } = geometry;
        return [shareId, { shareId, authorId, k, n: k + m }] as const;
      }),
    );
    const all = [...shares.values()];
    const endangered: (ShareCensus & { readonly spare: number })[] = [];
    const whole: ShareCensus[] = [];
    for (
      let at = 0;
      at < all.length && !this.#stopped.signal.aborted;
      at += repairLimits.sharesAtOnce
    ) {
      for (const census of await this.holdings.census(
        all.slice(at, at + repairLimits.sharesAtOnce),
      )) {
        if (missingShards(census).length === 0) whole.push(census);
        else endangered.push({ ...census, spare: spareOf(census) });
      }
    }
    for (const shareId of this.#lacking.keys()) {
      if (!endangered.some((one) => one.shareId === shareId)) this.#lacking.delete(shareId);
    }
    for (const census of mostEndangeredFirst(endangered)) {
      await this.#repairInTurn(census);
      await this.#dropSurplus(census); // so that this peer can take what nobody else can
    }
    let moves = 0;
    for (const census of whole) {
      if (await this.#mendOwn(census)) continue;
      if (await this.#dropSurplus(census)) continue;
      if (moves < repairLimits.movesAtOnce && (await this.#move(census))) moves += 1;
    }
    if (moves > 0 || endangered.length > 0) this.#roundsUntilLook = 0;
  }

  async #repairInTurn(census: ShareCensus): Promise<void> {
    const { identity, settings, isBusy, logger } = this.options;
    const { signal } = this.#stopped;
    const since = this.#lacking.get(census.shareId) ?? performance.now();
    this.#lacking.set(census.shareId, since);
    const candidates = this.holdings.candidates();
    const holders = new Set(
      census.holdings.filter(({ standing }) => standing === 'live').map((one) => one.holderId),
    );
    const order = preferred(
      census.shareId,
      census.authorId,
      candidates.filter(({ nodeId }) => holders.has(nodeId)),
    );
    const waited = performance.now() - since - settings().patienceMs;
    // One that rotted here is put right here, whoever's turn it is.
    const isOwn = census.holdings.some(
      ({ holderId, standing }) => holderId === identity.nodeId && standing === 'damaged',
    );
    const isTurn =
      waited >= 0 && (isOwn || isTurnOf(identity.nodeId, order, waited, settings().turnMs));
    if (!isTurn || spareOf(census) < 0 || isBusy() || this.#isStopped()) return;
    try {
      const options = { onlyOnline: false, now: false, signal };
      const { shards, live, n } = await this.repairer.repair(census.shareId, options);
      logger.info('repaired', census.shareId, `${String(live)} of ${String(n)}`);
      // Nobody could take it: that does not change from one round to the next.
      if (shards.some(({ outcome }) => outcome === 'failed')) {
        this.#lacking.set(census.shareId, performance.now());
      }
    } catch (error) {
      if (!this.#isStopped()) {
        logger.warn('could not repair', census.shareId, PeerError.from(error).message);
      }
    }
  }

  /** Puts right what rotted here, though others have the same: nobody else looks after that. */
  async #mendOwn({ shareId, holdings }: ShareCensus): Promise<boolean> {
    const { identity, catalog, logger } = this.options;
    const { signal } = this.#stopped;
    const own = holdings.find(
      ({ holderId, standing }) => holderId === identity.nodeId && standing === 'damaged',
    );
    if (own === undefined || signal.aborted) return false;
    try {
      const share = await catalog.signed(shareId);
      await this.mender.mend(share, own.shard, this.#pace, () => undefined, signal);
    } catch (error) {
      logger.debug('could not mend a shard', shareId, PeerError.from(error).code);
    }
    return true;
  }

  async #dropSurplus(census: ShareCensus): Promise<boolean> {
    const { identity, catalog, logger } = this.options;
    const { signal } = this.#stopped;
    const surplus = surplusOf(identity.nodeId, census, this.holdings.candidates());
    if (surplus === null || signal.aborted) return false;
    try {
      const share = await catalog.signed(census.shareId);
      const relied = await this.dropper.drop(share, surplus.shard, surplus.relyOn, signal);
      if (relied !== null) logger.info('dropped a shard that', relied, 'holds', census.shareId);
    } catch (error) {
      logger.debug('kept a shard', census.shareId, PeerError.from(error).code);
    }
    return true;
  }

  /** Has a newcomer take what belongs to it; this peer's own is surplus then. */
  async #move(census: ShareCensus): Promise<boolean> {
    const { identity, catalog, isBusy } = this.options;
    const { signal } = this.#stopped;
    const move = moveOf(identity.nodeId, census, this.holdings.candidates());
    if (move === null || isBusy() || signal.aborted) return false;
    const share = await catalog.signed(census.shareId);
    const options = { onlyOnline: false, now: false, signal };
    const { holderId } = await this.repairer.place(share, move.shard, [move.to], options);
    return holderId !== null;
  }

  /** Asks one holder of one share for one piece, all three chosen by chance. */
  async #readSomethingBack(held: readonly HeldShard[]): Promise<void> {
    const { catalog, identity, holder, logger } = this.options;
    const { signal } = this.#stopped;
    const one = held[randomInt(held.length)];
    if (one === undefined || signal.aborted) return;
    const share = await catalog.signed(one.shareId).catch(() => null);
    if (share === null) return;
    const { holdings } = await this.census(countedShare(share));
    const others = holdings.filter(
      ({ holderId, standing }) =>
        holderId !== identity.nodeId && standing === 'live' && holder(holderId) !== undefined,
    );
    const other = others[randomInt(Math.max(1, others.length))];
    const who = other === undefined ? undefined : holder(other.holderId);
    if (other === undefined || who === undefined) return;
    const { shard, holderId } = other;
    if ((await readBack(share, shard, who, signal)) !== 'damaged') return;
    logger.warn('a holder does not have what it signed for', holderId, one.shareId, shard);
    this.damage.report(one.shareId, shard, holderId, 'damaged');
    this.lookSoon();
  }

  #colleague(nodeId: string): Colleague | undefined {
    const { identity, connection } = this.options;
    if (nodeId !== identity.nodeId) {
      if (connection(nodeId) === undefined) return undefined;
      return new RemoteColleague(nodeId, () => connection(nodeId));
    }
    return {
      nodeId,
      take: (shareId, shard, now) => this.taker.take(nodeId, shareId, shard, now),
      rely: () =>
        Promise.reject(new PeerError('internal', 'Nobody relies on itself for what it drops.')),
    };
  }
}
