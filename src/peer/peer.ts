import { mkdirSync } from 'node:fs';
import path from 'node:path';
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
import type { Store } from '../store/store.js';
import { AddressBook } from './mesh/addressBook.js';
import { Mesh } from './mesh/mesh.js';
import { Nearby } from './mesh/nearby.js';
import { Catalog, type OpenedShare } from './catalog/catalog.js';
import { getFile, type Got } from './get/getFile.js';
import { localHolder, RemoteHolder, type Holder } from './holder.js';
import type { JobRuntime } from './jobs/jobThread.js';
import type { FolderPart } from './jobs/messages.js';
import { decodeInvite } from './membership/inviteCode.js';
import { Membership, type OwnIdentity } from './membership/membership.js';
import type { Member } from './membership/roster.js';
import { Reader } from './read/reader.js';
import { HolderService } from './serve/holderService.js';
import { requestHandler } from './serve/requests.js';
import { Settings } from './settings.js';
import { shareFile, type Shared } from './share/shareFile.js';
import { AntiEntropy } from './sync/antiEntropy.js';
import { Transfers } from './transfers/transfers.js';
import { verifyShare, type ShardCheck } from './verify.js';

export interface PeerOptions {
  readonly identity: OwnIdentity;
  readonly store: Store;
  readonly transport: Transport;
  readonly runtime: JobRuntime;
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

/** How long a fresh peer waits for its first connections before it answers what depends on them. */
const settleMs = 5_000;
const joinMs = 15_000;
/** How long a download that lacks shards waits for holders that may come. */
const reachMs = 15_000;
/** How often a holder looks after what it is still receiving. */
const sweepMs = 10 * 60_000;
/** How long cancelled transfers may take to clean up when the peer ends. */
const closeMs = 3_000;

/** A peer: everything that the terminal and the editor can ask for, without either. */
export class Peer {
  readonly transfers = new Transfers();
  readonly #changed = new Emitter<'peers' | 'shares' | 'status'>();
  readonly onDidChange = this.#changed.event;
  readonly #antiEntropy: AntiEntropy;
  readonly #holderService: HolderService;
  readonly #local: Holder;
  readonly mesh: Mesh;
  readonly catalog: Catalog;
  /** Parts of files, and what is in a folder. */
  readonly reader: Reader;
  readonly #nearby: Nearby | undefined;
  #settled: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #sweeper: NodeJS.Timeout | undefined;

  private constructor(
    private readonly options: PeerOptions,
    readonly membership: Membership,
    readonly settings: Settings,
    readonly addressBook: AddressBook,
  ) {
    const { identity, store, logger, transport } = options;
    const { nodeId } = identity;
    this.catalog = new Catalog(store.state, membership, logger);
    this.#antiEntropy = new AntiEntropy(store.state, membership, this.catalog, addressBook, logger);
    this.#holderService = new HolderService(identity, membership, store.shards, this.catalog);
    this.#local = localHolder(nodeId, this.#holderService);
    this.mesh = new Mesh({
      transport,
      membership,
      addressBook,
      logger,
      handler: requestHandler({
        membership,
        antiEntropy: this.#antiEntropy,
        holder: this.#holderService,
      }),
      stays: () => this.stays,
      configured: () => settings.current.peers,
      ...(options.memory && { memory: options.memory }),
    });
    this.reader = new Reader({
      catalog: this.catalog,
      runtime: options.runtime,
      logger,
      holder: (id) => this.holder(id),
      reach: (share, signal) => this.#reach(share, signal),
    });
    this.#nearby = options.discovery && this.#makeNearby(options.discovery);
    this.#wire();
  }

  static async open(options: PeerOptions): Promise<Peer> {
    const { identity, store, logger } = options;
    const membership = await Membership.load(identity, store.state, logger);
    const settings = await Settings.load(store.state);
    const addressBook = await AddressBook.load(store.state);
    return new Peer(options, membership, settings, addressBook);
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
    this.#nearby?.refresh();
    this.options.network?.start();
    this.#sweep();
    this.#sweeper ??= setInterval(() => {
      this.#sweep();
    }, sweepMs).unref();
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

  /** Redeems an invite at its inviter. @throws PeerError `invite-invalid`, `unreachable`, `not-trusted`, `timeout` */
  async join(code: string, name: string, outer?: AbortSignal): Promise<Member> {
    const invite = decodeInvite(code);
    this.membership.requireNoGroup(); // before the invite is used up
    const { nodeId, ecdhPublic } = this.options.identity;
    const timeout = AbortSignal.timeout(joinMs);
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

  invite(
    role: 'member' | 'admin',
    validForMs: number,
  ): Promise<{ code: string; expiresAt: number }> {
    return this.membership.invite(role, validForMs, this.mesh.addresses);
  }

  async share(
    transferId: string,
    file: string,
    { redundancy, ignore }: { readonly redundancy: string; readonly ignore: boolean },
    signal: AbortSignal,
  ): Promise<Shared> {
    await this.settled();
    const { identity, runtime } = this.options;
    const name = path.basename(file);
    return await this.transfers.run(
      { transferId, kind: 'share', name, path: file },
      signal,
      (progress) =>
        shareFile(
          {
            identity,
            membership: this.membership,
            catalog: this.catalog,
            runtime,
            remoteHolders: () => this.#remoteHolders(),
            localHolder: this.#local,
          },
          {
            path: file,
            redundancy,
            ignore,
            signal: progress.signal,
            onProgress: progress.moved,
          },
        ).then((shared) => {
          progress.named({ shareId: shared.shareId });
          return shared;
        }),
    );
  }

  async get(
    transferId: string,
    shareId: string,
    target: string,
    {
      overwrite,
      entries,
    }: { readonly overwrite: boolean; readonly entries: readonly string[] | null },
    signal: AbortSignal,
  ): Promise<Got> {
    await this.settled();
    const share = await this.catalog.open(shareId);
    const name = share.info.name;
    const { runtime, logger } = this.options;
    return await this.transfers.run(
      // Of a part, it would not tell what to do again.
      { transferId, kind: 'get', name, path: entries === null ? target : null },
      signal,
      async (progress) => {
        progress.named({ shareId });
        await this.#reach(share, progress.signal);
        const folder = await this.#folderPart(share, entries, progress.signal);
        return await getFile({
          share,
          locations: await this.catalog.locations(shareId),
          holder: (nodeId) => this.holder(nodeId),
          runtime,
          logger,
          path: target,
          overwrite,
          folder,
          signal: progress.signal,
          onProgress: progress.moved,
        });
      },
    );
  }

  async verify(
    transferId: string,
    shareId: string,
    signal: AbortSignal,
  ): Promise<readonly ShardCheck[]> {
    await this.settled();
    const share = await this.catalog.open(shareId);
    const { name } = share.info;
    return await this.transfers.run(
      { transferId, kind: 'verify', name, path: null },
      signal,
      async (progress) => {
        progress.named({ shareId });
        const checks = await verifyShare({
          share,
          locations: await this.catalog.locations(shareId),
          holder: (nodeId) => this.holder(nodeId),
          signal: progress.signal,
          onProgress: progress.moved,
        });
        const sound = checks.length > 0 && checks.every(({ status }) => status === 'ok');
        await this.options.store.state.setVerified(shareId, Date.now(), sound);
        this.#changed.fire('shares');
        return checks;
      },
    );
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

  #remoteHolders(): Holder[] {
    return this.mesh.online().map(({ nodeId }) => this.#remote(nodeId));
  }

  #remote(nodeId: string): Holder {
    return new RemoteHolder(nodeId, () => this.mesh.get(nodeId)?.connection);
  }

  /** Of a folder, its tree comes first. @throws PeerError `not-found` for an entry that a single file does not have */
  async #folderPart(
    { info, row }: OpenedShare,
    wanted: readonly string[] | null,
    signal: AbortSignal,
  ): Promise<FolderPart | null> {
    if (info.kind === 'folder') {
      const { start, bytes } = await this.reader.tail(row.shareId, signal);
      return { tail: bytes, tailStart: start, wanted };
    }
    const foreign = wanted?.find((entry) => entry !== info.name);
    if (foreign === undefined) return null;
    throw new PeerError('not-found', `There is no “${foreign}” in this share.`, {
      hint: 'It is a single file.',
    });
  }

  /** Tries once more to reach the holders of a share when too few of its shards can be had. */
  async #reach(share: OpenedShare, signal: AbortSignal): Promise<void> {
    const locations = await this.catalog.locations(share.row.shareId);
    const shards = new Set(
      locations.filter(({ holderId }) => this.holder(holderId)).map(({ shard }) => shard),
    );
    if (shards.size >= share.manifest.geometry.k) return;
    await this.mesh.connectAll(AbortSignal.any([signal, AbortSignal.timeout(reachMs)]));
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
    const tellAll = (): void => {
      for (const { connection } of this.mesh.online()) connection.notify({ t: 'news', last: 0 });
    };
    this.mesh.onDidConnect(({ connection }) => {
      void this.#antiEntropy.pull(connection).then(() => {
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
      this.#changed.fire('peers');
    });
    this.membership.onDidChange(() => {
      this.#openSealed();
      logger.debug('the roster changed');
      tellAll();
      this.mesh.refresh();
      this.#nearby?.refresh();
      this.#changed.fire('peers');
    });
    this.catalog.onDidChange(() => {
      tellAll();
      this.#changed.fire('shares');
    });
    this.catalog.onDidList((shareId) => {
      this.#holderService.adopt(shareId).catch((error: unknown) => {
        logger.warn('a promised shard was not committed', shareId, PeerError.from(error).message);
      });
    });
    this.options.network?.onDidChange((change) => {
      logger.info('members are looked for anew:', change);
      this.mesh.renew();
      this.#nearby?.restart();
    });
    this.settings.onDidChange(() => {
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

  #sweep(): void {
    if (!this.membership.hasGroup) return;
    this.#holderService.sweep().catch((error: unknown) => {
      if (this.#closing !== undefined) return;
      this.options.logger.warn('could not look after staged shards', PeerError.from(error).message);
    });
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
    const limit = delay(settleMs, undefined, { ref: false });
    await Promise.race([first().catch(() => undefined), limit]);
    timeout.abort();
  }

  async #close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.options.network?.dispose();
    this.#nearby?.dispose();
    this.transfers.cancelAll();
    // They remove what they wrote, and tell holders to drop what they were sent, while there is a connection.
    await Promise.race([this.transfers.ended(), delay(closeMs, undefined, { ref: false })]);
    await this.reader.close();
    this.#antiEntropy.dispose();
    this.mesh.dispose();
    await this.options.store.close();
  }
}

/** Makes the data directory, for this user only. */
export function prepareDataDir(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
}
