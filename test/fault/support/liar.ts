import { decodeManifest } from '../../../src/chunk/manifest.js';
import { chunksPerShard, shardInHeader, type Geometry } from '../../../src/chunk/geometry.js';
import { signReceipt } from '../../../src/chunk/receipt.js';
import { PAGE_HASHES, pieceHash, shardPages, shardRoot } from '../../../src/chunk/shardRoot.js';
import { concatBytes, fromHex, toHex } from '../../../src/common/bytes.js';
import { PeerError } from '../../../src/common/errors.js';
import { silentLogger } from '../../../src/common/logger.js';
import { lend } from '../../../src/common/memory.js';
import { Connection, type InboundRequest, type Reply } from '../../../src/net/connection.js';
import { loadIdentity, type Identity } from '../../../src/net/identity.js';
import { TlsTransport } from '../../../src/net/tls.js';
import type { EpochKey } from '../../../src/peer/membership/membership.js';
import type { ResponseTo } from '../../../src/protocol/messages.js';
import type { Role } from '../../../src/protocol/records.js';
import { offline } from '../../support/offline.js';
import type { TestGroup, TestPeer } from '../../support/peers.js';

export type Ask = InboundRequest['message'];
export type Entry = ResponseTo<'sync'>['entries'][number];

const hashBytes = 32;

interface HeldShard {
  readonly geometry: Geometry;
  /** By segment. */
  readonly pieces: Map<number, Uint8Array>;
}

/** What a member knows whose data directory no process uses. */
interface Papers {
  readonly groupId: Uint8Array;
  readonly chain: readonly Uint8Array[];
  readonly records: readonly Uint8Array[];
  readonly epoch: EpochKey | null;
}

/**
 * A member that really joined, and is driven by a test instead of by `serve`. It holds shards in memory and is honest
 * in all, until a test has it {@link answer} something else, or {@link tell} or ask what no honest peer would.
 */
export class Liar {
  /** What it was asked, in order. */
  readonly asked: Ask[] = [];
  /** What it answers: the truth, unless a test says otherwise. */
  answer: (ask: Ask, truth: () => Reply) => Reply | Promise<Reply> = (_ask, truth) => truth();
  readonly #shards = new Map<string, HeldShard>();
  readonly #log: Entry[] = [];
  readonly #connections: Connection[] = [];

  private constructor(
    readonly identity: Identity,
    /** Roster records that it had when it joined; its group, and the key of that time. */
    readonly papers: Papers,
  ) {}

  /** Joins by an invite of the founder, and connects to nobody yet. */
  static async join(group: TestGroup, name: string, role: Role = 'member'): Promise<Liar> {
    const peer = group.newcomer(name);
    const code = await group.invite('--role', role);
    await peer.ok(['join', '-', '--name', name], { stdin: `${code}\n` });
    return await Liar.of(peer);
  }

  /** Takes the place of a peer that does not run. */
  static async of(peer: TestPeer): Promise<Liar> {
    const papers = await offline(peer, (membership) => ({
      groupId: fromHex(membership.groupId),
      chain: membership.ownChain(),
      records: membership.roster.records.map(({ bytes }) => bytes),
      epoch: membership.self.role === 'storage' ? null : membership.currentEpoch(),
    }));
    return new Liar(await loadIdentity(peer.dataDir), papers);
  }

  get nodeId(): string {
    return this.identity.nodeId;
  }

  get id(): Uint8Array {
    return fromHex(this.identity.nodeId);
  }

  readonly sign = (data: Uint8Array): Uint8Array => this.identity.sign(data);

  /** How often it was asked for something. */
  count(what: Ask['t']): number {
    return this.asked.filter(({ t }) => t === what).length;
  }

  /** Connects to peers that run, and waits until they know it. */
  async visit(...peers: readonly TestPeer[]): Promise<void> {
    for (const peer of peers) await this.connect(peer);
  }

  /** The connection that there is to a peer, or a new one. */
  async connectionTo(peer: TestPeer): Promise<Connection> {
    const { self } = await (await peer.client()).request('status', null);
    const open = this.#connections.find(({ nodeId, closed }) => nodeId === self?.nodeId && !closed);
    return open ?? (await this.connect(peer));
  }

  async connect(peer: TestPeer, chain = this.papers.chain): Promise<Connection> {
    const { self } = await (await peer.client()).request('status', null);
    const link = await new TlsTransport(this.identity, silentLogger).dial(peer.address, {
      expect: (nodeId) => nodeId === self?.nodeId,
    });
    const connection = new Connection(link, {
      logger: silentLogger,
      handler: async (request) => {
        this.asked.push(request.message);
        return await this.answer(request.message, () => this.#truth(request));
      },
    });
    const { message } = await connection.request({
      ...{ t: 'hello', versions: [1, 1], group: this.papers.groupId, chain: [...chain] },
      ...{ addresses: ['127.0.0.1:1'], stays: true },
    });
    if (message.t !== 'welcome') throw new PeerError('not-trusted', 'It is a member no more.');
    connection.admit();
    this.#connections.push(connection);
    return connection;
  }

  /** Everything that a peer tells in its log. */
  async logOf(peer: TestPeer): Promise<readonly Entry[]> {
    const connection = await this.connectionTo(peer);
    const entries: Entry[] = [];
    for (let place: { epoch: string | null; after: number } = { epoch: null, after: 0 }; ;) {
      const { message } = await connection.request({ t: 'sync', id: null, ...place, max: 1024 });
      entries.push(...message.entries);
      if (!message.more) return entries;
      place = { epoch: message.epoch, after: message.last };
    }
  }

  /** Answers pieces that are not those that it was given. `alter` gets a copy. */
  lieAboutPieces(
    alter: (piece: Uint8Array, ask: Extract<Ask, { t: 'piece' }>) => Uint8Array,
  ): void {
    this.answer = (ask, truth) => {
      const reply = truth();
      if (ask.t !== 'piece') return reply;
      return { ...reply, body: lend(alter(reply.body?.bytes.slice() ?? new Uint8Array(0), ask)) };
    };
  }

  beHonest(): void {
    this.answer = (_ask, truth) => truth();
  }

  /** Forgets a shard that it has acknowledged. */
  drop(shareId: string): void {
    for (const key of this.#shards.keys()) {
      if (key.startsWith(shareId)) this.#shards.delete(key);
    }
  }

  /** Has a shard from now on, wherever it comes from. */
  keep(shareId: string, shard: number, geometry: Geometry, pieces: readonly Uint8Array[]): void {
    this.#shards.set(keyOf(shareId, shard), { geometry, pieces: new Map(pieces.entries()) });
  }

  /** @throws PeerError `not-found` */
  piece(shareId: string, shard: number, segment: number): Uint8Array {
    const piece = this.#shard(shareId, shard).pieces.get(segment);
    if (piece === undefined) throw new PeerError('not-found', 'No such piece.');
    return piece;
  }

  /** Its signed word that it holds a shard, true or not. */
  receiptFor(manifest: Uint8Array, shard: number): Uint8Array {
    const { shareId, geometry, roots } = decodeManifest(manifest);
    const root = roots[shardInHeader(geometry, shard)] ?? new Uint8Array(hashBytes);
    return this.#receipt(shareId, shard, geometry.segments, root);
  }

  /** Has entries in its log from now on, whatever they are, and says that there is news. */
  tell(...entries: readonly Entry[]): void {
    this.#log.push(...entries);
    for (const connection of this.#connections) {
      connection.notify({ t: 'news', last: this.#log.length });
    }
  }

  /** Hangs up on everybody. */
  dispose(): void {
    for (const connection of this.#connections.splice(0)) connection.dispose();
  }

  #truth({ message, body }: InboundRequest): Reply {
    const ok: Reply = { message: { t: 'ok' } };
    switch (message.t) {
      case 'stage':
        this.keep(toHex(message.share), message.shard, message.geometry, []);
        return ok;
      case 'put':
        this.#shard(toHex(message.share), message.shard).pieces.set(message.segment, body.slice());
        return ok;
      case 'seal': {
        const { share, shard } = message;
        const held = this.#shard(toHex(share), shard);
        const bytes = this.#receipt(
          share,
          shard,
          held.geometry.segments,
          rootOf(share, shard, held),
        );
        return { message: { t: 'receipt', bytes } };
      }
      case 'commit':
        return ok;
      case 'abort':
        this.#shards.delete(keyOf(toHex(message.share), message.shard));
        return ok;
      case 'piece': {
        const piece = this.piece(toHex(message.share), message.shard, message.segment);
        return { ...ok, body: lend(piece) };
      }
      case 'hashes': {
        const hashes = hashesOf(this.#shard(toHex(message.share), message.shard));
        const start = message.page * PAGE_HASHES * hashBytes;
        return {
          message: { t: 'hashes', pages: shardPages(hashes) },
          body: lend(hashes.slice(start, start + PAGE_HASHES * hashBytes)),
        };
      }
      case 'verify': {
        const { share, shard } = message;
        const held = this.#shard(toHex(share), shard);
        const chunks = chunksPerShard(held.geometry);
        return { message: { t: 'scanned', chunks, bad: [], root: rootOf(share, shard, held) } };
      }
      case 'sync':
        return { message: this.#page(message.epoch, message.after) };
      case 'contacts':
        return { message: { t: 'contacts', contacts: [] } };
      case 'space':
        return { message: { t: 'space', lends: null, used: 0 } };
      default:
        throw new PeerError('limit', 'Not now.');
    }
  }

  #page(epoch: string | null, after: number): ResponseTo<'sync'> {
    const entries = this.#log.slice(epoch === this.nodeId ? after : 0);
    return {
      ...{ t: 'entries', epoch: this.nodeId, last: this.#log.length, more: false },
      entries,
    };
  }

  #shard(shareId: string, shard: number): HeldShard {
    const held = this.#shards.get(keyOf(shareId, shard));
    if (held === undefined) throw new PeerError('not-found', 'No such shard.');
    return held;
  }

  #receipt(shareId: Uint8Array, shard: number, segments: number, root: Uint8Array): Uint8Array {
    const { groupId } = this.papers;
    return signReceipt(
      { groupId, shareId, shard, segments, root, holderId: this.id, at: Date.now() },
      this.sign,
    );
  }
}

function keyOf(shareId: string, shard: number): string {
  return `${shareId} ${String(shard)}`;
}

function hashesOf({ pieces }: HeldShard): Uint8Array {
  const sorted = [...pieces].sort(([a], [b]) => a - b);
  return concatBytes(...sorted.map(([, piece]) => pieceHash(piece)));
}

function rootOf(shareId: Uint8Array, shard: number, held: HeldShard): Uint8Array {
  const { geometry } = held;
  const { segments } = geometry;
  return shardRoot({ shareId, shard: shardInHeader(geometry, shard), segments }, hashesOf(held));
}
