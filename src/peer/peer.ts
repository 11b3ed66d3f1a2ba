import { mkdirSync } from 'node:fs';
import { PeerError } from '../common/errors.js';
import { Emitter } from '../common/events.js';
import type { Logger } from '../common/logger.js';
import type { Memory } from '../common/memory.js';
import { systemTime, within } from '../common/time.js';
import { formatAddress, parseAddress } from '../net/address.js';
import type { Connection } from '../net/connection.js';
import type { Discovery } from '../net/discovery.js';
import type { NetworkWatch } from '../net/networkWatch.js';
import type { Transport } from '../net/transport.js';
import type { Role } from '../protocol/records.js';
import type { ShareRow, Store } from '../store/store.js';
import { AddressBook } from './mesh/addressBook.js';
import { Mesh } from './mesh/mesh.js';
import { Nearby } from './mesh/nearby.js';
import { Spaces, type Space } from './mesh/spaces.js';
import { Catalog } from './catalog/catalog.js';
import { Deletions } from './deletion/deletions.js';
import { Reaper } from './deletion/reaper.js';
import { SteadyClock } from './deletion/steadyClock.js';
import { Files } from './files.js';
import { Blame } from './get/blame.js';
import { localHolder, type Holder } from './holder.js';
import { Holders } from './holders.js';
import { Housekeeping } from './housekeeping.js';
import { JobThreads, type JobRuntime } from './jobs/jobThreads.js';
import { peerLimits } from './limits.js';
import { Maintenance } from './maintenance.js';
import type { MadeInvite } from './membership/invites.js';
import { redeemInvite } from './membership/joining.js';
import { KeyKeeper } from './membership/keyKeeper.js';
import { Membership, type OwnIdentity } from './membership/membership.js';
import type { Member } from './membership/roster.js';
import { Reader } from './read/reader.js';
import { Outlooks } from './repair/outlooks.js';
import { Upkeep } from './repair/upkeep.js';
import { HolderService } from './serve/holderService.js';
import { NewsFirst } from './serve/newsFirst.js';
import { DialBack } from './doctor/dialBack.js';
import { diagnose, type ReachabilityReport } from './doctor/diagnose.js';
import { requestHandler } from './serve/requests.js';
import { Settings } from './settings.js';
import { AntiEntropy } from './sync/antiEntropy.js';
import { Gossip } from './sync/gossip.js';
import { Traces } from './trace/traces.js';
import { Transfers } from './transfers/transfers.js';

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
  /** Shares that are verified, repaired, and brought elsewhere. */
  readonly maintenance: Maintenance;
  readonly #changed = new Emitter<'peers' | 'shares' | 'status'>();
  readonly onDidChange = this.#changed.event;
  readonly #antiEntropy: AntiEntropy;
  readonly #holderService: HolderService;
  readonly #deletions: Deletions;
  readonly #reaper: Reaper;
  readonly #housekeeping: Housekeeping;
  readonly #news = new NewsFirst();
  readonly #spaces = new Spaces();
  readonly #holders: Holders;
  readonly #gossip: Gossip;
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
  readonly #threads: JobThreads;
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly options: PeerOptions,
    readonly membership: Membership,
    readonly settings: Settings,
    readonly addressBook: AddressBook,
    away: ReadonlyMap<string, number>,
  ) {
    const { identity, store, logger, transport, runtime } = options;
    const { traces } = this;
    const catalog = (this.catalog = new Catalog(store.state, membership, logger));
    this.#antiEntropy = new AntiEntropy(
      ...([store.state, membership, catalog, addressBook] as const),
      () => this.mesh,
      logger,
    );
    const isLeaving = (): boolean => this.maintenance.isLeaving;
    this.#holderService = new HolderService(identity, membership, store.shards, catalog, {
      lends: () => settings.current.lend,
      isLeaving,
      onDamage: (shareId, shard) => {
        this.#upkeep.foundDamage(shareId, shard);
      },
    });
    const clock = new SteadyClock();
    this.#deletions = new Deletions(identity, membership, store.state, catalog, {
      policy: () => settings.current,
      stands: (row) => this.#upkeep.stands(row),
      isClockSteady: () => clock.isSteady(),
    });
    this.#reaper = new Reaper({
      state: store.state,
      shards: store.shards,
      hide: (shareId) => this.#holderService.hide(shareId),
      logger,
    });
    const connection = (id: string): Connection | undefined => this.mesh.get(id)?.connection;
    const holders = (this.#holders = new Holders({
      ...{ membership, addressBook, connection },
      local: localHolder(identity.nodeId, this.#holderService),
      locations: (shareId) => catalog.locations(shareId),
      stays: () => this.stays,
      online: () => this.mesh.online(),
      connectAll: (signal) => this.mesh.connectAll(signal),
    }));
    const holder = (id: string): Holder | undefined => holders.get(id);
    const stays = (id: string): boolean => holders.stays(id);
    const reach: Holders['reach'] = (share, signal) => holders.reach(share, signal);
    const ready = (): Promise<void> => this.settled();
    this.#upkeep = new Upkeep({
      ...{ identity, membership, catalog, store, runtime, traces, logger, isLeaving, away },
      ...{ stays, holder, connection },
      service: this.#holderService,
      hear: async (id) => {
        const known = connection(id);
        if (known !== undefined) await this.#antiEntropy.pull(known);
      },
      settings: () => settings.current.upkeep,
      isBusy: () => this.transfers.moving > 0,
      isLost: (id) => membership.isLost(id),
    });
    this.outlooks = new Outlooks({
      ...{ state: store.state, membership, holder, stays },
      candidates: () => this.#upkeep.holdings.candidates(),
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
      ...{ membership, logger, ready },
      isOnline: (id) => this.mesh.get(id) !== undefined,
    });
    const blame = new Blame(logger);
    this.reader = new Reader({ catalog, runtime, logger, holder, blame, reach });
    this.#threads = new JobThreads(runtime);
    this.transfers = new Transfers({ onPeers: this.mesh.onDidChange });
    this.files = new Files({
      ...{ identity, membership, catalog, threads: this.#threads, logger },
      ...{ transfers: this.transfers, rows: store.state, folder: options.transfersDir },
      ...{ traces, reader: this.reader, blame, holders, ready },
      onShared: (lineage) => {
        this.#housekeeping.trim(lineage);
      },
    });
    this.maintenance = new Maintenance({
      ...{ membership, catalog, state: store.state, settings, ready },
      ...{ transfers: this.transfers, upkeep: this.#upkeep },
      peersOnline: () => this.mesh.online().length,
      onVerified: () => {
        this.#changed.fire('shares');
      },
    });
    this.#housekeeping = new Housekeeping({
      ...{ membership, logger, reaper: this.#reaper, deletions: this.#deletions },
      service: this.#holderService,
      onAdopted: () => {
        this.#upkeep.takeInventorySoon();
      },
    });
    this.#nearby = options.discovery && this.#makeNearby(options.discovery);
    this.#gossip = new Gossip({
      ...{ mesh: this.mesh, membership, antiEntropy: this.#antiEntropy },
      ...{ newsFirst: this.#news, nearby: this.#nearby },
    });
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
    this.#news.await(this.#housekeeping.start());
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
    this.#gossip.tellAll(); // who asks what is new hears where this peer is now
  }

  /** Resolves when everybody who can be reached was, and their news were taken over; after 5 s in any case. */
  settled(): Promise<void> {
    return this.#gossip.settled();
  }

  async createGroup(groupName: string, name: string): Promise<Member> {
    const member = await this.membership.createGroup(groupName, name);
    this.#changed.fire('status');
    return member;
  }

  /** Redeems an invite at its inviter. @throws PeerError `invite-invalid`, `unreachable`, `not-trusted`, `timeout` */
  async join(code: string, name: string, signal?: AbortSignal): Promise<Member> {
    const { addressBook, membership, mesh } = this;
    const { identity, logger } = this.options;
    const member = await redeemInvite(
      { identity, membership, addressBook, mesh },
      code,
      name,
      signal,
    );
    mesh.refresh();
    logger.info('joined', identity.nodeId);
    return member;
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

  /** Whether this peer has reason to doubt a shard, wherever it is that it is not right. */
  doubts(shareId: string, shard: number, holderId: string): boolean {
    return this.#upkeep.damage.of(shareId, shard, holderId) !== null;
  }

  /** Who can be asked for shards right now. */
  holder(nodeId: string): Holder | undefined {
    return this.#holders.get(nodeId);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
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
    this.mesh.onDidChange(() => {
      this.#upkeep.lookSoon();
      this.#changed.fire('peers');
    });
    this.membership.onDidChange(() => {
      this.#openSealed();
      logger.debug('the roster changed');
      this.#gossip.tellAll();
      this.mesh.refresh();
      this.#nearby?.refresh();
      for (const topic of ['peers', 'shares', 'status'] as const) this.#changed.fire(topic);
    });
    this.catalog.onDidChange(() => {
      this.#gossip.tellAll();
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
      this.#gossip.tellAll(); // who is still connected hears of the addresses of now
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

  async #close(): Promise<void> {
    this.#housekeeping.dispose();
    this.#keyKeeper.dispose();
    this.#upkeep.dispose();
    this.options.network?.dispose();
    this.#nearby?.dispose();
    this.transfers.suspend();
    // What does not go on removes what it wrote, and tells holders to drop what they were sent, while there is a connection.
    await within(peerLimits.closeMs, this.transfers.ended());
    await this.#upkeep.close();
    await this.reader.close();
    await this.#threads.close();
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
