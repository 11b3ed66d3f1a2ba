import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Connection } from '../../net/connection.js';
import type { HeldShard, ShareRow, Store } from '../../store/store.js';
import type { Catalog, SignedShare } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';
import type { JobRuntime } from '../jobs/jobThreads.js';
import type { Membership, OwnIdentity } from '../membership/membership.js';
import { ReadThread } from '../read/readThread.js';
import type { HolderService } from '../serve/holderService.js';
import type { UpkeepSettings } from '../settings.js';
import type { Traces } from '../trace/traces.js';
import { verifyShare, type ShardCheck, type VerifyOptions } from '../verify.js';
import { Absences } from './absences.js';
import { RemoteColleague, type Colleague } from './colleague.js';
import { spareOf } from './census.js';
import { DamageBook } from './damageBook.js';
import { Dropper } from './dropper.js';
import type { Grace } from './grace.js';
import { Holdings } from './holdings.js';
import { takeInventory } from './inventory.js';
import { Leaver } from './leaver.js';
import { Mender } from './mender.js';
import { OnDemandRepair } from './onDemandRepair.js';
import { OwnWord } from './ownWord.js';
import { SteadyPace } from './pace.js';
import { Reconciler } from './reconciler.js';
import { Repairer } from './repairer.js';
import { Scrub } from './scrub.js';
import { spotCheck } from './spotCheck.js';
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
  /** Takes over what a member has to tell; resolves at once for one that is not connected. */
  readonly hear: (nodeId: string) => Promise<unknown>;
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
  readonly leaver: Leaver;
  readonly onDemand: OnDemandRepair;
  readonly holdings: Holdings;
  readonly #absences: Absences;
  readonly #reconciler: Reconciler;
  readonly #scrub: Scrub;
  readonly #word: OwnWord;
  readonly #thread: ReadThread;
  readonly #stopped = new AbortController();
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
    const pace = new SteadyPace(() => settings().bytesPerSecond, isBusy);
    const word = (this.#word = new OwnWord(identity, membership, store.state, catalog));
    const { shards, state } = store;
    const grace = (): Grace => this.grace;
    const holdings = (this.holdings = new Holdings({
      ...{ nodeId, catalog, membership, absences, damage, isLost, isLeaving, stays, grace, holder },
    }));
    const mender = new Mender({ nodeId, shards, holdings, thread, damage, logger });
    this.taker = new Taker({
      ...{ nodeId, catalog, shards, service, word, holdings, mender, damage, thread, pace },
      ...{ logger, holder, isLeaving, isBusy, signal },
    });
    const colleague = (id: string) => this.#colleague(id);
    const dropper = (this.dropper = new Dropper({
      nodeId,
      catalog,
      shards,
      word,
      damage,
      colleague,
    }));
    const heardOf = (id: string): void => {
      absences.heardOf(id);
    };
    const repairer = new Repairer({
      ...{ catalog, holdings, damage, traces, logger, holder, colleague, heardOf },
    });
    this.leaver = new Leaver({
      ...{ nodeId, catalog, shards, service, holdings, repairer, dropper, holder },
      taker: this.taker,
      takeInventory: () => this.#takeInventory(),
    });
    this.onDemand = new OnDemandRepair({
      ...{ catalog, state, holdings, damage, repairer, holder },
      verify: (share, until) => this.verify(share, until),
    });
    this.#reconciler = new Reconciler({
      ...{ nodeId, catalog, holdings, repairer, mender, dropper, pace },
      ...{ logger, settings, isBusy, signal },
    });
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

  /** Has all holders of a share re-read what they have of it, and takes over what they find. @throws PeerError `cancelled` */
  async verify(
    share: SignedShare,
    signal: AbortSignal,
    onProgress: VerifyOptions['onProgress'] = () => undefined,
  ): Promise<readonly ShardCheck[]> {
    const { catalog, holder, hear, traces } = this.options;
    const { shareId } = share.row;
    const trace = traces.of(shareId, share.manifest.geometry);
    const checks = await verifyShare({
      ...{ share, holder, hear, signal, onProgress },
      locations: () => catalog.locations(shareId),
      onChunks: (holderId, shard, chunks) => {
        trace.checking(holderId, shard, chunks);
      },
    }).finally(() => {
      trace.settle();
    });
    this.#learn(share, checks);
    return checks;
  }

  /** Whether a share can be fetched, of what is believed of its holders. */
  async stands({ shareId, authorId, k, m }: ShareRow): Promise<boolean> {
    const [census] = await this.holdings.census([{ shareId, authorId, k, n: k + m }]);
    return census !== undefined && spareOf(census) >= 0;
  }

  #learn({ row: { shareId }, manifest }: SignedShare, checks: readonly ShardCheck[]): void {
    for (const { shard, holderId, status } of checks) {
      if (status === 'ok') this.damage.clear(shareId, shard, holderId);
      else if (status !== 'unreachable') {
        this.damage.report(shareId, shard, holderId, 'damaged');
        this.lookSoon();
      }
    }
    this.options.traces.learn(shareId, manifest.geometry, checks);
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
    const { membership, isBusy, isLeaving } = this.options;
    if (!membership.hasGroup) return;
    await this.#absences.tick();
    if (isBusy()) return;
    // What authors still list by receipts of a peer that left is released as soon as it is known.
    if (this.#inventoryDue || isLeaving()) await this.#takeInventory();
    if (this.#roundsUntilLook > 0) this.#roundsUntilLook -= 1;
    else {
      const all = await this.options.store.shards.allHeld();
      this.#held = all.filter(({ state }) => state === 'committed');
      this.#roundsUntilLook = repairLimits.quietRounds;
      if (await this.#reconciler.reconcile(this.#held)) this.lookSoon();
    }
    if (this.#held.length === 0) return;
    await this.#askForProof();
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

  /** Asks somebody for proof of what he holds. */
  async #askForProof(): Promise<void> {
    const { identity, catalog, holder, logger } = this.options;
    const { holdings } = this;
    const { signal } = this.#stopped;
    const broken = await spotCheck(
      { nodeId: identity.nodeId, catalog, holdings, holder, signal },
      this.#held,
    );
    if (broken === null) return;
    const { shareId, shard, holderId } = broken;
    logger.warn('a holder does not have what it signed for', holderId, shareId, shard);
    this.damage.report(shareId, shard, holderId, 'damaged');
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
