import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PeerError } from '../common/errors.js';
import { Emitter } from '../common/events.js';
import type { Logger } from '../common/logger.js';
import type { Memory } from '../common/memory.js';
import { systemTime } from '../common/time.js';
import { formatAddress, parseAddress } from '../net/address.js';
import type { Discovery } from '../net/discovery.js';
import type { NetworkWatch } from '../net/networkWatch.js';
import type { Transport } from '../net/transport.js';
import type { Role } from '../protocol/records.js';
import type { ShareRow, Store } from '../store/store.js';
import { AddressBook } from './mesh/addressBook.js';
import { Mesh } from './mesh/mesh.js';
import { Nearby } from './mesh/nearby.js';
import { Spaces, type Space } from './mesh/spaces.js';
import { Catalog, type OpenedShare, type SignedShare } from './catalog/catalog.js';
import { whileThere } from './catalog/whileThere.js';
import { Deletions } from './deletion/deletions.js';
import { Reaper } from './deletion/reaper.js';
import { Files } from './files.js';
import { Blame } from './get/blame.js';
import { localHolder, RemoteHolder, type Holder } from './holder.js';
import type { JobRuntime } from './jobs/jobThread.js';
import { peerLimits } from './limits.js';
import { decodeInvite } from './membership/inviteCode.js';
import type { MadeInvite } from './membership/invites.js';
import { KeyKeeper } from './membership/keyKeeper.js';
import { Membership, type OwnIdentity } from './membership/membership.js';
import type { Member } from './membership/roster.js';
import { Reader } from './read/reader.js';
import type { Left } from './repair/leaver.js';
import { Outlooks } from './repair/outlooks.js';
import type { ShareRepair } from './repair/repairer.js';
import { Upkeep } from './repair/upkeep.js';
import { HolderService } from './serve/holderService.js';
import { NewsFirst } from './serve/newsFirst.js';
import { DialBack } from './doctor/dialBack.js';
import { diagnose, type ReachabilityReport } from './doctor/diagnose.js';
import { requestHandler } from './serve/requests.js';
import { Settings } from './settings.js';
import { sharesOf, type ShareOfPath } from './share/sharesOf.js';
import { AntiEntropy } from './sync/antiEntropy.js';
import { Traces } from './trace/traces.js';
import type { TransferProgress } from './transfers/transfer.js';
import { Transfers } from './transfers/transfers.js';
import type { ShardCheck } from './verify.js';
import { isSound, verifyAll, type AllChecked } from './verifyAll.js';

export interface PeerOptions {
  readonly identity: OwnIdentity;
  readonly store: Store;
  readonly transport: Transport;
  readonly runtime: JobRuntime;
  /** Where transfers keep how far they have come; made when there is something to keep. */
  readonly transfersDir: string;
  readonly logger: Logger;
  /** For the pieces on their way through this process. */
  readonly memory?: Memory;
  /** It runs until somebody stops it. */
  readonly foreground?: boolean;
  /** Tells when members have to be looked for anew; belongs to the peer from now on. */
  readonly network?: NetworkWatch;
  /** Finds members on the local network, as long as the settings want it. */
  readonly discovery?: Discovery;
}

/** A peer: everything that the terminal and the editor can ask for, without either. */
export class Peer {
  readonly transfers: Transfers;
  /** What it has come to know of the pieces of shares that it dealt with. */
  readonly traces = new Traces();
  /** Files and folders that are shared and fetched. */
  readonly files: Files;
  readonly #changed = new Emitter<'peers' | 'shares' | 'status'>();
  readonly onDidChange = this.#changed.event;
  readonly #antiEntropy: AntiEntropy;
  readonly #holderService: HolderService;
  readonly #deletions: Deletions;
  readonly #reaper: Reaper;
  readonly #news = new NewsFirst();
  readonly #spaces = new Spaces();
  readonly #blame: Blame;
  readonly #local: Holder;
  readonly #keyKeeper: KeyKeeper;
  readonly #dialBack: DialBack;
  readonly mesh: Mesh;
  readonly catalog: Catalog;
  /** Parts of files, and what is in a folder. */
  readonly reader: Reader;
  readonly #upkeep: Upkeep;
  /** What hangs on whom. */
  readonly outlooks: Outlooks;
  readonly #nearby: Nearby | undefined;
  #settled: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #trimmedAt = -Infinity;
  /** While it gives its shards to others. */
  #isLeaving = false;

  private constructor(
    private readonly options: PeerOptions,
    readonly membership: Membership,
    readonly settings: Settings,
    readonly addressBook: AddressBook,
    away: ReadonlyMap<string, number>,
  ) {
    const { identity, store, logger, transport } = options;
    const { nodeId } = identity;
    this.catalog = new Catalog(store.state, membership, logger);
    this.#blame = new Blame(logger);
    this.#antiEntropy = new AntiEntropy(store.state, membership, this.catalog, addressBook, logger);
    const isLeaving = (): boolean => this.#isLeaving || settings.current.leaving;
    this.#holderService = new HolderService(identity, membership, store.shards, this.catalog, {
      lends: () => settings.current.lend,
      isLeaving,
      onDamage: (shareId, shard) => {
        this.#upkeep.foundDamage(shareId, shard);
      },
    });
    this.#deletions = new Deletions(
      identity,
      membership,
      store.state,
      this.catalog,
      () => settings.current,
    );
    this.#reaper = new Reaper({
      state: store.state,
      shards: store.shards,
      hide: (shareId) => this.#holderService.hide(shareId),
      logger,
    });
    this.#local = localHolder(nodeId, this.#holderService);
    this.#upkeep = new Upkeep({
      ...{ identity, membership, catalog: this.catalog, store, logger, isLeaving, away },
      traces: this.traces,
      service: this.#holderService,
      runtime: options.runtime,
      settings: () => settings.current.upkeep,
      isBusy: () => this.transfers.moving > 0,
      isLost: (id) => membership.isLost(id),
      stays: (id) => this.#doesStay(id),
      holder: (id) => this.holder(id),
      connection: (id) => this.mesh.get(id)?.connection,
    });
    this.outlooks = new Outlooks({
      ...{ state: store.state, membership },
      candidates: () => this.#upkeep.holdings.candidates(),
      holder: (id) => this.holder(id),
      stays: (id) => this.#doesStay(id),
      grace: () => this.#upkeep.grace,
    });
    this.mesh = new Mesh({
      transport,
      membership,
      addressBook,
      logger,
      handler: requestHandler({
        membership,
        antiEntropy: this.#antiEntropy,
        holder: this.#holderService,
        news: this.#news,
        taker: this.#upkeep.taker,
        dropper: this.#upkeep.dropper,
        dialBack: {
          answer: (...asked) => this.#dialBack.answer(...asked),
        },
      }),
      stays: () => this.stays,
      configured: () => settings.current.peers,
      ...(options.memory && { memory: options.memory }),
    });
    this.#dialBack = new DialBack({ mesh: this.mesh, addressBook });
    this.#keyKeeper = new KeyKeeper({
      ...{ membership, logger },
      isOnline: (id) => this.mesh.get(id) !== undefined,
      ready: () => this.settled(),
    });
    this.reader = new Reader({
      catalog: this.catalog,
      runtime: options.runtime,
      logger,
      holder: (id) => this.holder(id),
      blame: this.#blame,
      reach: (share, signal) => this.#reach(share, signal),
    });
    this.transfers = new Transfers({ onPeers: this.mesh.onDidChange });
    this.files = new Files({
      ...{ identity, membership, catalog: this.catalog, runtime: options.runtime, logger },
      ...{ transfers: this.transfers, rows: store.state, folder: options.transfersDir },
      traces: this.traces,
      reader: this.reader,
      blame: this.#blame,
      ready: () => this.settled(),
      remoteHolders: () => this.#remoteHolders(),
      holder: (id) => this.holder(id),
      anyHolder: (id) => (id === nodeId ? this.#local : this.#remote(id)),
      stays: (id) => this.#doesStay(id),
      reach: (share, signal) => this.#reach(share, signal),
      onShared: (lineage) => {
        this.#trim(() => this.#deletions.trim(lineage));
      },
    });
    this.#nearby = options.discovery && this.#makeNearby(options.discovery);
    this.#wire();
  }

  static async open(options: PeerOptions): Promise<Peer> {
    const { identity, store, logger } = options;
    const membership = await Membership.load(identity, store.state, logger);
    const settings = await Settings.load(store.state);
    const addressBook = await AddressBook.load(store.state);
    const away = await store.state.absences();
    return new Peer(options, membership, settings, addressBook, away);
  }

  /** Whether this peer goes on when nobody uses it: promised by its user, or run in the foreground. */
  get stays(): boolean {
    return this.settings.current.stays || this.options.foreground === true;
  }

  /** Listens and dials from now on. @returns `host:port` as bound. */
  async start(listen: string): Promise<string> {
    const address = await this.mesh.start(listen);
    this.#openSealed();
    this.mesh.startDialling();
    this.#keyKeeper.start();
    this.#nearby?.refresh();
    this.options.network?.start();
    // What this peer knows to be deleted, and did not come to hide when it ended.
    this.#news.await(this.#sweep());
    this.#sweeper ??= setInterval(() => {
      void this.#sweep();
    }, peerLimits.sweepMs).unref();
    this.#upkeep.start();
    this.files.goOn().catch((error: unknown) => {
      this.options.logger.error('could not go on with transfers', error);
    });
    return address;
  }

  /** Listens where the user now wants it; port 0 on the same host is what it has already. Kept for later runs. */
  async listenAt(listen: string): Promise<void> {
    const wanted = parseAddress(listen);
    const now = parseAddress(this.settings.current.listen);
    if (wanted.host === now.host && (wanted.port === 0 || wanted.port === now.port)) return;
    const { port } = parseAddress(await this.mesh.move(listen));
    this.#nearby?.refresh();
    await this.settings.change({ listen: formatAddress(wanted.host, port) });
  }

  /** Resolves when everybody who can be reached was, and their news were taken over; after 5 s in any case. */
  async settled(): Promise<void> {
    this.#settled ??= this.#settle();
    await this.#settled;
  }

  async createGroup(groupName: string, name: string): Promise<Member> {
    const member = await this.membership.createGroup(groupName, name);
    this.#changed.fire('status');
    return member;
  }

  /** What a local file may be compared with: see {@link sharesOf}. @throws PeerError `not-found` */
  async sharesOf(file: string): Promise<readonly ShareOfPath[]> {
    const { identity, store } = this.options;
    return await sharesOf(identity, this.catalog, store.state, file);
  }

  /** Redeems an invite at its inviter. @throws PeerError `invite-invalid`, `unreachable`, `not-trusted`, `timeout` */
  async join(code: string, name: string, outer?: AbortSignal): Promise<Member> {
    const invite = decodeInvite(code);
    this.membership.requireNoGroup(); // before the invite is used up
    const { nodeId, ecdhPublic } = this.options.identity;
    const timeout = AbortSignal.timeout(peerLimits.joinMs);
    const signal = outer === undefined ? timeout : AbortSignal.any([outer, timeout]);
    let problem: unknown;
    for (const address of invite.addresses) {
      try {
        const connection = await this.mesh.dialStranger(address, invite.inviterId, signal);
        try {
          const { message } = await connection.request(
            { t: 'redeem', token: invite.token, name, ecdh: ecdhPublic },
            { signal },
          );
          const member = await this.membership.adoptGroup(invite, message.records);
          await this.addressBook.learn(invite.inviterId, [address]);
          this.mesh.refresh();
          this.options.logger.info('joined', nodeId);
          return member;
        } finally {
          connection.dispose();
        }
      } catch (error) {
        // Somebody else may live at one of its addresses: a loopback, or the same private network elsewhere.
        if (!PeerError.is(error, 'unreachable', 'timeout', 'closed', 'not-trusted', 'protocol')) {
          throw error;
        }
        problem = error;
      }
    }
    if (PeerError.is(problem, 'not-trusted')) throw problem;
    throw new PeerError('unreachable', 'The peer that invited you cannot be reached.', {
      cause: problem,
      hint: 'It must be running to let you in. Ask for it to be started, then try again.',
    });
  }

  async invite(role: Role, validForMs: number): Promise<MadeInvite> {
    // Whoever uses it has this peer sign: not before it knows what it has signed already.
    await this.settled();
    return await this.membership.invite(role, validForMs, this.mesh.addresses);
  }

  /** Ends a membership for good. @throws PeerError `not-found`, `not-trusted`, `usage` */
  async remove(nodeId: string): Promise<void> {
    await this.settled(); // what the others have signed meanwhile is accepted with it
    await this.membership.remove(nodeId);
  }

  /** Declares that nothing is left of what a member held. @throws PeerError `not-found`, `not-trusted` */
  async declareLost(nodeId: string): Promise<void> {
    await this.settled();
    await this.membership.declareLost(nodeId);
    this.#changed.fire('shares');
  }

  /**
   * Ends a share for the whole group, and with `versions` all versions of the same file.
   *
   * @returns ids of the shares that are deleted. @throws PeerError `not-trusted` for who may not, `not-found`
   */
  async delete(row: ShareRow, versions: boolean): Promise<readonly string[]> {
    const deleted = await this.#deletions.delete(row, versions);
    await this.#reaper.idle();
    return deleted;
  }

  /** What this peer lends, and has lent. */
  async space(): Promise<Space> {
    return await this.#holderService.space();
  }

  /** Tries every address of everybody, and has those that are there try the way back. */
  async diagnose(signal: AbortSignal): Promise<ReachabilityReport> {
    const { mesh, membership, addressBook } = this;
    return await diagnose({ mesh, membership, addressBook }, signal);
  }

  /** The same of all members that say so now, this peer included, by node id. */
  async spaces(): Promise<ReadonlyMap<string, Space>> {
    const [own, others] = await Promise.all([this.space(), this.#spaces.of(this.mesh.online())]);
    return new Map([...others, [this.options.identity.nodeId, own]]);
  }

  async verify(
    transferId: string,
    shareId: string,
    signal: AbortSignal,
  ): Promise<readonly ShardCheck[]> {
    await this.settled();
    const share = await this.catalog.signed(shareId);
    const name = share.row.name ?? shareId.slice(0, 8);
    return await this.transfers.run(
      { transferId, kind: 'verify', name, path: null },
      signal,
      async (progress) => {
        progress.named({ shareId });
        return await this.#verify(share, progress.signal, progress.moved);
      },
    );
  }

  /** The same of all that are listed, older versions left out, one after the other. @throws PeerError `cancelled` */
  async verifyAll(transferId: string, signal: AbortSignal): Promise<AllChecked> {
    await this.settled();
    this.membership.requireGroup();
    return await this.transfers.run(
      { transferId, kind: 'verify', name: 'all files', path: null },
      signal,
      (progress) =>
        verifyAll({
          state: this.options.store.state,
          verify: async ({ shareId }, onProgress) =>
            this.#verify(await this.catalog.signed(shareId), progress.signal, onProgress),
          onProgress: progress.moved,
        }),
    );
  }

  async #verify(
    share: SignedShare,
    signal: AbortSignal,
    onProgress: TransferProgress['moved'],
  ): Promise<readonly ShardCheck[]> {
    const { shareId } = share.row;
    const checks = await whileThere(this.catalog, shareId, signal, (whileItIsThere) =>
      this.#upkeep.verify(share, whileItIsThere, onProgress),
    );
    await this.options.store.state.setVerified(shareId, Date.now(), isSound(checks));
    this.#changed.fire('shares');
    return checks;
  }

  /**
   * Has the shards made that are missing, of one share or of all that are listed. Of one share everything is re-read
   * first; of others a piece of each shard.
   *
   * @param onlyOnline who cannot be reached now counts as gone, whatever the grace
   */
  async repair(
    transferId: string,
    share: { readonly shareId: string; readonly name: string } | null,
    onlyOnline: boolean,
    signal: AbortSignal,
  ): Promise<readonly ShareRepair[]> {
    await this.settled();
    this.membership.requireGroup();
    const name = share?.name ?? 'all files';
    return await this.transfers.run(
      { transferId, kind: 'repair', name, path: null },
      signal,
      async (progress) => {
        if (share !== null) progress.named({ shareId: share.shareId });
        const options = {
          ...{ onlyOnline, now: true, signal: progress.signal },
          onProgress: (done: number, total: number) => {
            progress.moved(done, total, this.mesh.online().length);
          },
        };
        return share === null
          ? await this.#upkeep.onDemand.all(options)
          : [await this.#upkeep.onDemand.one(share.shareId, options)];
      },
    );
  }

  /** Brings what this peer holds to others, and takes nothing more. @param force gives it up without that */
  async leave(transferId: string, force: boolean, signal: AbortSignal): Promise<Left> {
    await this.settled();
    this.membership.requireGroup();
    return await this.transfers.run(
      { transferId, kind: 'leave', name: 'what this peer holds', path: null },
      signal,
      async (progress) => {
        this.#isLeaving = true;
        try {
          const left = await this.#upkeep.leaver.leave(force, progress.signal, (done, total) => {
            progress.moved(done, total, this.mesh.online().length);
          });
          // If it still holds something, it goes on as a peer like any other.
          if (force || left.behind.length === 0) await this.settings.change({ leaving: true });
          return left;
        } finally {
          this.#isLeaving = false;
        }
      },
    );
  }

  /** Takes shards again, after it had left. */
  async rejoin(): Promise<void> {
    await this.settings.change({ leaving: false });
  }

  /** Whether this peer has reason to doubt a shard, wherever it is that it is not right. */
  doubts(shareId: string, shard: number, holderId: string): boolean {
    return this.#upkeep.damage.of(shareId, shard, holderId) !== null;
  }

  /** Who can be asked for shards right now. */
  holder(nodeId: string): Holder | undefined {
    if (nodeId === this.options.identity.nodeId) return this.#local;
    return this.mesh.get(nodeId) === undefined ? undefined : this.#remote(nodeId);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #doesStay(nodeId: string): boolean {
    if (nodeId === this.options.identity.nodeId) return this.stays;
    return this.addressBook.get(nodeId)?.stays ?? false;
  }

  #remoteHolders(): Holder[] {
    return this.mesh
      .online()
      .filter(({ nodeId }) => this.membership.isHolder(nodeId))
      .map(({ nodeId }) => this.#remote(nodeId));
  }

  #remote(nodeId: string): Holder {
    return new RemoteHolder(nodeId, () => this.mesh.get(nodeId)?.connection);
  }

  /** Tries once more to reach the holders of a share when too few of its shards can be had. */
  async #reach(share: OpenedShare, signal: AbortSignal): Promise<void> {
    const locations = await this.catalog.locations(share.row.shareId);
    const shards = new Set(
      locations.filter(({ holderId }) => this.holder(holderId)).map(({ shard }) => shard),
    );
    if (shards.size >= share.manifest.geometry.k) return;
    if (this.membership.dismissal !== null) throw this.membership.dismissal; // nobody lets it in
    await this.mesh.connectAll(AbortSignal.any([signal, AbortSignal.timeout(peerLimits.reachMs)]));
  }

  #makeNearby(discovery: Discovery): Nearby {
    const { mesh, settings, membership } = this;
    return new Nearby({
      discovery,
      membership,
      isWanted: () => settings.current.discovery,
      listening: () => mesh.listening,
      isOnline: (nodeId) => mesh.get(nodeId) !== undefined,
      onHint: (nodeId, address) => {
        mesh.hint(nodeId, address);
      },
      time: systemTime,
    });
  }

  #wire(): void {
    const { logger } = this.options;
    this.onDidChange((topic) => {
      if (topic === 'shares') this.outlooks.forget();
    });
    const tellAll = (): void => {
      for (const { connection } of this.mesh.online()) connection.notify({ t: 'news', last: 0 });
    };
    this.mesh.onDidConnect(({ nodeId, connection }) => {
      const news = this.#antiEntropy.pull(connection);
      this.#news.hear(nodeId, news);
      void news.then(() => {
        this.mesh.refresh();
      });
      tellAll(); // others may not know where the newcomer is
    });
    this.mesh.onNews(({ connection }) => {
      void this.#antiEntropy.pull(connection).then(() => {
        this.mesh.refresh();
      });
    });
    this.mesh.onDidChange(() => {
      this.#upkeep.lookSoon();
      this.#changed.fire('peers');
    });
    this.membership.onDidChange(() => {
      this.#openSealed();
      logger.debug('the roster changed');
      tellAll();
      this.mesh.refresh();
      this.#nearby?.refresh();
      for (const topic of ['peers', 'shares', 'status'] as const) this.#changed.fire(topic);
    });
    this.catalog.onDidChange(() => {
      tellAll();
      this.#upkeep.lookSoon();
      this.#changed.fire('shares');
    });
    this.catalog.onDidList((shareId) => {
      this.#holderService.adopt(shareId).then(
        (count) => {
          if (count > 0) this.#upkeep.takeInventorySoon();
        },
        (error: unknown) => {
          logger.warn('a promised shard was not committed', shareId, PeerError.from(error).message);
        },
      );
    });
    this.catalog.onDidDelete((shareId) => {
      this.#reaper.hide(shareId);
    });
    this.options.network?.onDidChange((change) => {
      logger.info('members are looked for anew:', change);
      this.mesh.renew();
      this.#nearby?.restart();
    });
    this.settings.onDidChange(() => {
      this.#upkeep.reschedule();
      this.mesh.refresh();
      this.#nearby?.refresh();
      this.#changed.fire('status');
    });
  }

  #openSealed(): void {
    this.catalog.openSealed().catch((error: unknown) => {
      this.options.logger.error('could not open what is known of shares', error);
    });
  }

  async #sweep(): Promise<void> {
    if (!this.membership.hasGroup) return;
    const failed = (error: unknown): void => {
      if (this.#closing !== undefined) return;
      this.options.logger.warn('could not look after the shards', PeerError.from(error).message);
    };
    await this.#reaper.sweep().catch(failed);
    const adopted = await this.#holderService.sweep().catch(failed);
    if (adopted !== undefined && adopted > 0) this.#upkeep.takeInventorySoon();
    const now = performance.now();
    if (now - this.#trimmedAt < peerLimits.trimMs) return;
    this.#trimmedAt = now;
    this.#trim(() => this.#deletions.trimAll());
  }

  #trim(trim: () => Promise<number>): void {
    trim().then(
      (count) => {
        if (count > 0) this.options.logger.info('old versions were deleted:', count);
      },
      (error: unknown) => {
        if (this.#closing !== undefined) return;
        const { message } = PeerError.from(error);
        this.options.logger.warn('old versions could not be deleted', message);
      },
    );
  }

  async #settle(): Promise<void> {
    const timeout = new AbortController();
    const first = async (): Promise<void> => {
      await this.mesh.connectAll(timeout.signal);
      const { membership, mesh } = this;
      const missing =
        membership.hasGroup && mesh.online().length < membership.roster.members.size - 1;
      if (missing) await this.#nearby?.answered();
      await Promise.all(
        this.mesh.online().map(({ connection }) => this.#antiEntropy.pull(connection)),
      );
      // The first pull may have named peers that were not known before.
      await this.mesh.connectAll(timeout.signal);
    };
    const limit = delay(peerLimits.settleMs, undefined, { ref: false });
    await Promise.race([first().catch(() => undefined), limit]);
    timeout.abort();
  }

  async #close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#keyKeeper.dispose();
    this.#upkeep.dispose();
    this.options.network?.dispose();
    this.#nearby?.dispose();
    this.transfers.suspend();
    // What does not go on removes what it wrote, and tells holders to drop what they were sent, while there is a connection.
    await Promise.race([
      this.transfers.ended(),
      delay(peerLimits.closeMs, undefined, { ref: false }),
    ]);
    await this.#upkeep.close();
    await this.reader.close();
    // Less than the time between two sweeps is lost where this fails.
    await this.#reaper.countUptime().catch(() => undefined);
    this.#antiEntropy.dispose();
    this.mesh.dispose();
    await this.options.store.close();
  }
}

/** Makes the data directory, for this user only. */
export function prepareDataDir(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
}
