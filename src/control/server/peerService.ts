import { PeerError } from '../../common/errors.js';
import { parseAddress } from '../../net/address.js';
import type { Peer } from '../../peer/peer.js';
import type { StateStore, Store } from '../../store/store.js';
import type {
  ControlMethod,
  ControlRequests,
  GetResult,
  PeerStatus,
  SelfInfo,
  Settings,
  ShareResult,
  VerifyResult,
} from '../contract.js';
import type { WireResult } from '../listPage.js';
import type { ControlService } from './controlServer.js';
import { readParams } from './params.js';
import { peerInfos, selfInfo } from './peerInfo.js';
import { listPage } from './listPage.js';
import { shareInfo, shareInfos, shareMap } from './shareInfo.js';

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

/** Links that a warning names. */
const mostNamed = 10;

function notMade(links: readonly string[]): string[] {
  if (links.length === 0) return [];
  const more = links.length > mostNamed ? `, and ${String(links.length - mostNamed)} more` : '';
  const names = links.slice(0, mostNamed).join(', ');
  return [`Links that lead out of what was fetched were not made: ${names}${more}.`];
}

const defaultInviteMs = 24 * 60 * 60 * 1000;

/** Maps the contract to the peer. */
export class PeerService implements ControlService {
  readonly #handlers: Handlers;

  constructor(private readonly options: PeerServiceOptions) {
    const { peer } = options;
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
      invite: async ({ validForMs, admin }) => ({
        ...(await peer.invite(admin === true ? 'admin' : 'member', validForMs ?? defaultInviteMs)),
        addresses: peer.mesh.addresses,
      }),
      peers: async () => {
        await peer.settled();
        return { peers: peerInfos(peer, await this.#state.shardsByHolder()) };
      },
      connect: async (_none, signal) => {
        await peer.mesh.connectAll(signal);
        return { peers: peerInfos(peer, await this.#state.shardsByHolder()) };
      },
      shares: async ({ cursor, limit }) => {
        await peer.settled();
        const page = await this.#state.listShares(cursor, limit);
        return { shares: await shareInfos(peer, page.shares), cursor: page.cursor };
      },
      list: async (query) => {
        await peer.settled();
        return await listPage(peer, this.#state, query);
      },
      find: async ({ share }) => shareInfo(peer, await this.#find(share)),
      map: async ({ share }) => shareMap(await shareInfo(peer, await this.#find(share))),
      share: (params, signal) => this.#share(params, signal),
      get: (params, signal) => this.#get(params, signal),
      entries: async ({ share, under = '', cursor, limit }, signal) => {
        const { shareId } = await this.#find(share);
        const page = { under, from: cursor ?? 0, limit };
        const { entries, next } = await peer.reader.entries(shareId, page, signal);
        return { entries, cursor: next };
      },
      read: async ({ share, entry = null, offset, length }, signal) => {
        const { shareId } = await this.#find(share);
        const range = { offset, length };
        const { size, bytes, fetched } = await peer.reader.read(shareId, entry, range, signal);
        return { size, base64: Buffer.from(bytes.buffer).toString('base64'), fetched };
      },
      verify: (params, signal) => this.#verify(params, signal),
      transfers: () => Promise.resolve({ transfers: peer.transfers.list() }),
      cancel: ({ transferId }) => {
        peer.transfers.cancel(transferId);
        return Promise.resolve(null);
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
      shares: await this.#state.countShares(),
      storedBytes: await store.shards.storedBytes(),
      transfersRunning: transfers.running,
    };
  }

  async #configure({ peers, listen, stays, discovery }: Settings): Promise<PeerStatus> {
    for (const address of [...(peers ?? []), ...(listen === undefined ? [] : [listen])]) {
      parseAddress(address);
    }
    const { peer } = this.options;
    if (listen !== undefined) await peer.listenAt(listen);
    await peer.settings.change({
      ...(peers !== undefined && { peers: [...peers] }),
      ...(stays !== undefined && { stays }),
      ...(discovery !== undefined && { discovery }),
    });
    return await this.#status();
  }

  async #share(
    { transferId, path, redundancy = 'auto', ignore = true }: ControlRequests['share']['params'],
    signal: AbortSignal,
  ): Promise<ShareResult> {
    const { peer } = this.options;
    const shared = await peer.share(transferId, path, { redundancy, ignore }, signal);
    return {
      share: await this.#info(shared.shareId),
      missing: shared.missing.map((nodeId) => peer.membership.nameOf(nodeId)),
      warnings: shared.warnings,
      ignored: shared.ignored,
    };
  }

  async #get(
    { transferId, share, path, overwrite = false, entries }: ControlRequests['get']['params'],
    signal: AbortSignal,
  ): Promise<GetResult> {
    const { peer } = this.options;
    const { shareId } = await this.#find(share);
    const options = { overwrite, entries: entries ?? null };
    const got = await peer.get(transferId, shareId, path, options, signal);
    const from = [...got.from].map(([nodeId, bytes]) => [peer.membership.nameOf(nodeId), bytes]);
    return {
      share: await this.#info(shareId),
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
    const checks = await peer.verify(transferId, shareId, signal);
    const info = await this.#info(shareId);
    const whole = new Set(checks.filter(({ status }) => status === 'ok').map(({ shard }) => shard));
    return {
      share: info,
      ok: checks.length > 0 && checks.every(({ status }) => status === 'ok'),
      recoverable: whole.size >= info.k,
      shards: checks.map(({ holderId, ...check }) => ({
        ...check,
        nodeId: holderId,
        name: peer.membership.nameOf(holderId),
      })),
    };
  }

  async #find(text: string): ReturnType<Peer['catalog']['find']> {
    const { peer } = this.options;
    await peer.settled();
    peer.membership.requireGroup(); // comes before not-found
    return await peer.catalog.find(text);
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
