import { PeerError } from '../../common/errors.js';
import { parseAddress } from '../../net/address.js';
import { Rates } from '../../peer/mesh/rates.js';
import type { Peer } from '../../peer/peer.js';
import type { StateStore, Store } from '../../store/store.js';
import type {
  ControlMethod,
  ControlRequests,
  DeleteResult,
  GetResult,
  GridParams,
  LeaveResult,
  ListedShare,
  PeerInfo,
  PeerStatus,
  RepairedShare,
  RepairResult,
  SelfInfo,
  Settings,
  ShareGrid,
  ShareOfPath,
  ShareResult,
  VerifyResult,
} from '../contract.js';
import type { WireResult } from '../listPage.js';
import type { ControlService } from './controlServer.js';
import { readParams } from './params.js';
import { findPeer } from './findPeer.js';
import { findingsOf } from './findings.js';
import { peerInfos, selfInfo } from './peerInfo.js';
import { gridOfOutgoing, gridOfShare } from './gridInfo.js';
import { heldByNobody, isSound } from '../../peer/verifyAll.js';
import { leaveOutlook, peerRisks, requireHolders, verifyAllResult } from './outlook.js';
import { listedShare, shareInfo, shareInfos, shareMap } from './shareInfo.js';
import { ShareList } from './shareList.js';
import { serviceLimits } from '../limits.js';

export interface PeerServiceOptions {
  readonly peer: Peer;
  readonly store: Store;
  readonly version: string;
  readonly dataDir: string;
  /** Takes no new clients from now on, and ends the process cleanly once the answer is out. */
  readonly shutdown: () => void;
}

type Handlers = {
  [M in ControlMethod]: (
    params: ControlRequests[M]['params'],
    signal: AbortSignal,
  ) => Promise<WireResult<M>>;
};

function notMade(links: readonly string[]): string[] {
  if (links.length === 0) return [];
  const more =
    links.length > serviceLimits.namedLinks
      ? `, and ${String(links.length - serviceLimits.namedLinks)} more`
      : '';
  const names = links.slice(0, serviceLimits.namedLinks).join(', ');
  return [`Links that lead out of what was fetched were not made: ${names}${more}.`];
}

/** Without what is there and undefined: it would hide what it is put over. */
function definedOnly<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Maps the contract to the peer. */
export class PeerService implements ControlService {
  readonly #handlers: Handlers;
  readonly #rates = new Rates();

  constructor(private readonly options: PeerServiceOptions) {
    const { peer } = options;
    const list = new ShareList(peer.membership, this.#state);
    peer.onDidChange((topic) => {
      if (topic === 'shares') list.forget();
    });
    this.#handlers = {
      status: () => this.#status(),
      configure: (settings) => this.#configure(settings),
      createGroup: async ({ name, groupName }) => {
        await peer.createGroup(groupName, name);
        return this.#self();
      },
      join: async ({ code, name }, signal) => {
        await peer.join(code, name, signal);
        return this.#self();
      },
      invite: async ({ validForMs = serviceLimits.inviteMs, role = 'member' }) => ({
        ...(await peer.invite(role, validForMs)),
        ...{ role, addresses: peer.mesh.addresses },
      }),
      findPeer: async ({ peer: text }) => {
        await peer.settled();
        return findPeer(await this.#peers(), text);
      },
      remove: async ({ nodeId }) => {
        await peer.remove(nodeId);
        return null;
      },
      lost: async ({ nodeId }) => {
        await peer.declareLost(nodeId);
        return null;
      },
      peers: async () => {
        await peer.settled();
        return { peers: await this.#peers() };
      },
      diagnose: async (_none, signal) => {
        const { membership } = peer;
        const findings = findingsOf({
          report: await peer.diagnose(signal),
          platform: process.platform,
          nameOf: (nodeId) => membership.nameOf(nodeId),
          hasGroup: membership.hasGroup,
          isRemoved: membership.dismissal !== null,
        });
        return { platform: process.platform, findings };
      },
      connect: async (_none, signal) => {
        await peer.mesh.connectAll(signal);
        return { peers: await this.#peers() };
      },
      shares: async ({ cursor, limit, name }) => {
        await peer.settled();
        const page = await this.#state.listShares(cursor, limit, name);
        return { shares: await shareInfos(peer, page.shares), cursor: page.cursor };
      },
      list: async (query) => {
        await peer.settled();
        return await list.page(query);
      },
      find: async ({ share, version }) => shareInfo(peer, await this.#find(share, version)),
      versions: async ({ share }) => ({ versions: await this.#versions(share) }),
      sharesOf: async ({ path }) => ({ shares: await this.#sharesOf(path) }),
      map: async ({ share }) => shareMap(await shareInfo(peer, await this.#find(share))),
      grid: (params) => this.#grid(params),
      risk: async () => ({ peers: await peerRisks(peer) }),
      outlook: async (params) => {
        await peer.settled();
        return leaveOutlook(peer, await this.#peers(), params);
      },
      share: (params, signal) => this.#share(params, signal),
      get: (params, signal) => this.#get(params, signal),
      entries: async ({ share, under = '', direct = false, cursor, limit }, signal) => {
        const { shareId } = await this.#find(share);
        const page = { under, direct, from: cursor ?? 0, limit };
        const { entries, next, git } = await peer.reader.entries(shareId, page, signal);
        return { entries, cursor: next, git };
      },
      read: async ({ share, entry = null, offset, length }, signal) => {
        const { shareId } = await this.#find(share);
        const range = { offset, length };
        const { size, bytes, fetched } = await peer.reader.read(shareId, entry, range, signal);
        const base64 = Buffer.from(bytes.buffer).toString('base64');
        return { shareId, size, base64, fetched };
      },
      verify: (params, signal) => this.#verify(params, signal),
      verifyAll: async ({ transferId }, signal) =>
        verifyAllResult(peer, await peer.maintenance.verifyAll(transferId, signal)),
      delete: (params) => this.#delete(params),
      repair: (params, signal) => this.#repair(params, signal),
      leave: (params, signal) => this.#leave(params, signal),
      rejoin: async () => {
        await peer.maintenance.rejoin();
        return null;
      },
      transfers: () => Promise.resolve({ transfers: peer.transfers.list() }),
      cancel: ({ transferId }) => {
        peer.transfers.cancel(transferId);
        return Promise.resolve(null);
      },
      pause: async ({ transferId }) => {
        await peer.transfers.pause(transferId);
        return null;
      },
      resume: async ({ transferId }) => {
        await peer.files.resume(transferId);
        return null;
      },
      clearTransfers: () => {
        peer.transfers.clear();
        return Promise.resolve(null);
      },
      shutdown: () => {
        options.shutdown();
        return Promise.resolve(null);
      },
    };
  }

  handle<M extends ControlMethod>(
    method: M,
    params: unknown,
    signal: AbortSignal,
  ): Promise<WireResult<M>> {
    return this.#handlers[method](readParams(method, params), signal);
  }

  get #state(): StateStore {
    return this.options.store.state;
  }

  async #status(): Promise<PeerStatus> {
    const { peer, store, version, dataDir } = this.options;
    const { mesh, membership, transfers } = peer;
    return {
      version,
      pid: process.pid,
      dataDir,
      listening: mesh.listening,
      stays: peer.stays,
      self: selfInfo(peer),
      peersOnline: mesh.online().length,
      peersKnown: membership.hasGroup ? membership.roster.members.size - 1 : 0,
      shares: await this.#state.countFiles(),
      storedBytes: await store.shards.storedBytes(),
      space: await peer.space(),
      transfersRunning: transfers.running,
    };
  }

  async #peers(): Promise<PeerInfo[]> {
    const { peer } = this.options;
    const [shards, spaces] = await Promise.all([this.#state.shardsByHolder(), peer.spaces()]);
    return peerInfos(peer, shards, spaces, this.#rates);
  }

  async #configure(settings: Settings): Promise<PeerStatus> {
    const { peers, listen, stays, lend, versions, versionDays, upkeep, discovery } = settings;
    for (const address of [...(peers ?? []), ...(listen === undefined ? [] : [listen])]) {
      parseAddress(address);
    }
    const { peer } = this.options;
    if (listen !== undefined) await peer.listenAt(listen);
    await peer.settings.change({
      ...(peers !== undefined && { peers: [...peers] }),
      ...(stays !== undefined && { stays }),
      ...(lend !== undefined && { lend }),
      ...(versions !== undefined && { versions }),
      ...(versionDays !== undefined && { versionDays }),
      ...(upkeep !== undefined && {
        upkeep: { ...peer.settings.current.upkeep, ...definedOnly(upkeep) },
      }),
      ...(discovery !== undefined && { discovery }),
    });
    return await this.#status();
  }

  async #grid({ share, transferId, columns }: GridParams): Promise<ShareGrid> {
    const { peer } = this.options;
    if (transferId === undefined) {
      return gridOfShare(peer, await shareInfo(peer, await this.#find(share ?? '')), columns);
    }
    const transfer = peer.transfers.list().find((one) => one.transferId === transferId);
    if (transfer?.shareId != null) return await this.#grid({ share: transfer.shareId, columns });
    const outgoing = peer.traces.outgoing(transferId);
    if (transfer === undefined || outgoing === undefined) {
      throw new PeerError('not-found', 'This transfer sends nothing now.');
    }
    return gridOfOutgoing(peer, transfer.name, outgoing, columns);
  }

  async #share(
    params: ControlRequests['share']['params'],
    signal: AbortSignal,
  ): Promise<ShareResult> {
    const { transferId, path, redundancy = 'auto', ignore = true, allowSecrets = false } = params;
    const { peer } = this.options;
    await peer.settled(); // who was admitted meanwhile can be chosen
    const holders = requireHolders(peer, params.holders ?? []);
    const asked = { redundancy, ignore, allowSecrets, holders };
    const shared = await peer.files.share(transferId, path, asked, signal);
    return {
      share: await this.#info(shared.shareId),
      git: shared.git,
      missing: shared.missing.map((nodeId) => peer.membership.nameOf(nodeId)),
      warnings: shared.warnings,
      ignored: shared.ignored,
    };
  }

  async #get(
    {
      transferId,
      share,
      path,
      entries,
      overwrite = false,
      acceptSame = false,
    }: ControlRequests['get']['params'],
    signal: AbortSignal,
  ): Promise<GetResult> {
    const { peer } = this.options;
    const row = await this.#find(share);
    // Now: it may be deleted the moment after the last piece has come.
    const info = await shareInfo(peer, row);
    const options = { overwrite, acceptSame, entries: entries ?? null };
    const got = await peer.files.get(transferId, row.shareId, path, options, signal);
    const from = [...got.from].map(([nodeId, bytes]) => [peer.membership.nameOf(nodeId), bytes]);
    return {
      share: info,
      path,
      bytes: got.bytes,
      entries: got.entries,
      sha256: got.sha256,
      warnings: notMade(got.leftOut),
      from: Object.fromEntries(from) as Record<string, number>,
    };
  }

  async #verify(
    { transferId, share }: ControlRequests['verify']['params'],
    signal: AbortSignal,
  ): Promise<VerifyResult> {
    const { peer } = this.options;
    const { shareId } = await this.#find(share);
    const checks = await peer.maintenance.verify(transferId, shareId, signal);
    const info = await this.#info(shareId);
    const whole = new Set(checks.filter(({ status }) => status === 'ok').map(({ shard }) => shard));
    return {
      share: info,
      ok: isSound(checks, info),
      recoverable: whole.size >= info.k,
      heldByNobody: heldByNobody(checks, info),
      shards: checks.map(({ holderId, ...check }) => ({
        ...check,
        nodeId: holderId,
        name: peer.membership.nameOf(holderId),
      })),
    };
  }

  async #repair(
    { transferId, share, now = false }: ControlRequests['repair']['params'],
    signal: AbortSignal,
  ): Promise<RepairResult> {
    const { peer } = this.options;
    const row = share === undefined ? null : await this.#find(share);
    const wanted = row === null ? null : { shareId: row.shareId, name: row.name ?? '' };
    const repairs = await peer.maintenance.repair(transferId, wanted, now, signal);
    const shares = await Promise.all(
      repairs.map(async ({ shareId, shards, live, n, spare }) => ({
        ...(await this.#title(shareId)),
        shards: shards.map(({ holderId, ...shard }) => ({
          ...shard,
          nodeId: holderId ?? '',
          name: holderId === null ? '' : peer.membership.nameOf(holderId),
        })),
        ...{ live, total: n, spare },
      })),
    );
    return { shares, ok: shares.every(({ live, total }) => live === total) };
  }

  async #leave(
    { transferId, force = false }: ControlRequests['leave']['params'],
    signal: AbortSignal,
  ): Promise<LeaveResult> {
    const { moved, behind } = await this.options.peer.maintenance.leave(transferId, force, signal);
    return {
      ...{ safe: behind.length === 0, moved },
      behind: await Promise.all(
        behind.map(async (one) => ({ ...one, ...(await this.#title(one.shareId)) })),
      ),
    };
  }

  async #title(shareId: string): Promise<Pick<RepairedShare, 'shareId' | 'name' | 'kind'>> {
    const row = await this.#state.getShare(shareId);
    return { shareId, name: row?.name ?? '', kind: row?.kind ?? 'file' };
  }

  async #delete({
    share,
    versions = false,
  }: ControlRequests['delete']['params']): Promise<DeleteResult> {
    const { peer } = this.options;
    const row = await this.#find(share);
    const info = await shareInfo(peer, row);
    const deleted = await peer.delete(row, versions);
    const alone = peer.mesh.online().length === 0;
    return {
      share: info,
      deleted,
      warnings: alone
        ? [
            'No other peer can be reached: it is gone here now, and elsewhere once they meet this one.',
          ]
        : [],
    };
  }

  async #versions(text: string): Promise<ListedShare[]> {
    const { authorId, lineage } = await this.#find(text);
    const rows = await this.#state.versions(authorId, lineage, serviceLimits.versions);
    return (await shareInfos(this.options.peer, rows)).map(listedShare);
  }

  async #sharesOf(file: string): Promise<ShareOfPath[]> {
    const { peer } = this.options;
    await peer.settled();
    peer.membership.requireGroup();
    const found = await peer.files.sharesOf(file);
    const infos = await shareInfos(
      peer,
      found.map(({ row }) => row),
    );
    return infos.map((info, at) => ({
      share: listedShare(info),
      fromHere: found[at]?.fromHere ?? false,
      entry: found[at]?.entry ?? null,
    }));
  }

  async #find(text: string, version?: string): ReturnType<Peer['catalog']['find']> {
    const { peer } = this.options;
    await peer.settled();
    peer.membership.requireGroup(); // comes before not-found
    const row = await peer.catalog.find(text);
    return version === undefined ? row : await peer.catalog.findVersion(row, version);
  }

  async #info(shareId: string): ReturnType<typeof shareInfo> {
    const row = await this.#state.getShare(shareId);
    if (row === null) throw new PeerError('not-found', 'The share is gone.');
    return await shareInfo(this.options.peer, row);
  }

  #self(): SelfInfo {
    const self = selfInfo(this.options.peer);
    if (self === null) throw new PeerError('no-group', 'This peer belongs to no group yet.');
    return self;
  }
}
