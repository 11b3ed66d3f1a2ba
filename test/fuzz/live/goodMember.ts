import { createHash } from 'node:crypto';
import { geometryFor } from '../../../src/chunk/geometry.js';
import { signManifest } from '../../../src/chunk/manifest.js';
import { newShareId } from '../../../src/chunk/shareId.js';
import { fromHex, toHex } from '../../../src/common/bytes.js';
import { silentLogger } from '../../../src/common/logger.js';
import { Connection } from '../../../src/net/connection.js';
import type { Identity } from '../../../src/net/identity.js';
import { TlsTransport } from '../../../src/net/tls.js';
import type { RequestMessage, ResponseTo } from '../../../src/protocol/messages.js';

type Entry = ResponseTo<'sync'>['entries'][number];

/** A member that keeps to the rules, and expects to be served meanwhile. Nothing of a peer but its connection. */
export class GoodMember {
  readonly #transport: TlsTransport;
  #connection: Connection | undefined;
  /** Hashes of pieces, by their place. */
  readonly #pieces = new Map<string, string>();

  constructor(
    private readonly identity: Identity,
    private readonly address: string,
    private readonly nodeId: string,
    private readonly group: Uint8Array,
  ) {
    this.#transport = new TlsTransport(identity, silentLogger);
  }

  /** Everything in the log of the peer. */
  async log(): Promise<readonly Entry[]> {
    const connection = await this.#connected();
    const entries: Entry[] = [];
    let place: { epoch: string | null; after: number } = { epoch: null, after: 0 };
    for (;;) {
      const { message } = await connection.request({ t: 'sync', id: null, ...place, max: 1024 });
      entries.push(...message.entries);
      if (!message.more) return entries;
      place = { epoch: message.epoch, after: message.last };
    }
  }

  /** Makes that peer know many shares, of which nobody holds anything. */
  async fillLog(count: number): Promise<void> {
    const connection = await this.#connected();
    const authorId = fromHex(this.identity.nodeId);
    for (let index = 0; index < count; index++) {
      const manifest = signManifest(
        {
          ...newShareId(this.group, authorId),
          ...{ groupId: this.group, authorId, geometry: geometryFor(0, 255, 0) },
          roots: Array.from({ length: 255 }, () => new Uint8Array(32)),
          // Of an epoch that nobody knows: it stays closed.
          ...{ epoch: new Uint8Array(32), salt: new Uint8Array(16), createdAt: index },
          ...{ lineage: new Uint8Array(16), predecessor: null, sealed: new Uint8Array(768) },
        },
        (data) => this.identity.sign(data),
      );
      await connection.request({ t: 'commit', manifest, receipts: [] });
    }
  }

  /** Notes the pieces of a share that are held there. @returns how many. */
  async learnPieces(share: Uint8Array, shards: number, segments: number): Promise<number> {
    let found = 0;
    for (let shard = 0; shard < shards; shard++) {
      for (let segment = 0; segment < segments; segment++) {
        const hash = await this.#pieceHash({ t: 'piece', share, shard, segment }).catch(() => null);
        if (hash === null) break;
        this.#pieces.set(JSON.stringify([toHex(share), shard, segment]), hash);
        found += 1;
      }
    }
    return found;
  }

  /** Asks for news and for a piece, over a connection of its own. @throws Error when it is not served rightly. */
  async check(): Promise<void> {
    const connection = await this.#connected();
    const { message } = await connection.request({
      t: 'sync',
      id: null,
      epoch: null,
      after: 0,
      max: 5,
    });
    if (message.entries.length === 0) throw new Error('the log is empty');
    for (const [place, hash] of this.#pieces) {
      const [share, shard, segment] = JSON.parse(place) as [string, number, number];
      const ask = { t: 'piece', share: Buffer.from(share, 'hex'), shard, segment } as const;
      if ((await this.#pieceHash(ask)) !== hash) throw new Error(`piece ${place} is another one`);
    }
  }

  dispose(): void {
    this.#connection?.dispose();
  }

  async #pieceHash(ask: Extract<RequestMessage, { t: 'piece' }>): Promise<string> {
    const { body } = await (await this.#connected()).request(ask);
    return createHash('sha256').update(body.bytes).digest('hex');
  }

  async #connected(): Promise<Connection> {
    if (this.#connection?.closed === false) return this.#connection;
    const link = await this.#transport.dial(this.address, {
      expect: (nodeId) => nodeId === this.nodeId,
    });
    const connection = new Connection(link, {
      logger: silentLogger,
      handler: ({ message }) =>
        Promise.resolve({
          message:
            message.t === 'contacts'
              ? { t: 'contacts', contacts: [] }
              : { t: 'entries', epoch: 'good', last: 0, more: false, entries: [] },
        }),
    });
    await connection.request({
      ...{ t: 'hello', versions: [1, 1], group: this.group, chain: [] },
      ...{ addresses: ['127.0.0.1:1'], stays: false },
    });
    connection.admit();
    this.#connection = connection;
    return connection;
  }
}
