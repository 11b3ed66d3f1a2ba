import type { Geometry } from '../../../src/chunk/geometry.js';
import { signReceipt } from '../../../src/chunk/receipt.js';
import { PAGE_HASHES, pieceHash, shardPages, shardRoot } from '../../../src/chunk/shardRoot.js';
import { concatBytes, fromHex } from '../../../src/common/bytes.js';
import { lend, type Lease } from '../../../src/common/memory.js';
import { PeerError } from '../../../src/common/errors.js';
import type { Holder } from '../../../src/peer/holder.js';
import type { ShardScan } from '../../../src/store/store.js';
import type { Actor } from './actor.js';

export type Step =
  'stage' | 'put' | 'staged' | 'seal' | 'commit' | 'abort' | 'piece' | 'hashes' | 'scan';

/** Keeps pieces of one shard in memory; a test may stand in the way of each step. */
export class MemoryHolder implements Holder {
  readonly pieces = new Map<number, Uint8Array>();
  readonly steps: Step[] = [];
  committed: { manifest: Uint8Array; receipts: readonly Uint8Array[] } | undefined;
  geometry: Geometry | undefined;
  /** Throws, hangs, or lets the step pass. */
  before: (step: Step, signal?: AbortSignal, segment?: number) => Promise<void> | void = () =>
    undefined;
  /** What is answered instead of the stored bytes. */
  alter: (piece: Uint8Array, segment: number) => Uint8Array = (piece) => piece;
  alterReceipt: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  scanned: ShardScan = { chunksChecked: 0, badChunks: [], root: new Uint8Array(32) };

  constructor(
    readonly actor: Actor,
    private readonly groupId: string,
  ) {}

  get nodeId(): string {
    return this.actor.nodeId;
  }

  count(step: Step): number {
    return this.steps.filter((one) => one === step).length;
  }

  async stage(
    _shareId: string,
    _shard: number,
    geometry: Geometry,
    _random: Uint8Array,
    _holders: readonly string[],
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#pass('stage', signal);
    this.geometry = geometry;
  }

  async put(
    _shareId: string,
    _shard: number,
    segment: number,
    piece: Uint8Array,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#pass('put', signal, segment);
    this.pieces.set(segment, piece.slice());
  }

  async staged(
    _shareId: string,
    _shard: number,
    page: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    await this.#pass('staged', signal);
    const hashes = new Uint8Array(32 * (this.geometry?.segments ?? 0));
    for (const [segment, piece] of this.pieces) hashes.set(pieceHash(piece), 32 * segment);
    return hashes.slice(32 * PAGE_HASHES * page, 32 * PAGE_HASHES * (page + 1));
  }

  async seal(shareId: string, shard: number, signal?: AbortSignal): Promise<Uint8Array> {
    await this.#pass('seal', signal);
    const segments = this.pieces.size;
    return this.alterReceipt(
      signReceipt(
        {
          groupId: fromHex(this.groupId),
          shareId: fromHex(shareId),
          shard,
          segments,
          root: shardRoot(
            {
              shareId: fromHex(shareId),
              shard: this.geometry?.k === 1 ? 0 : shard,
              segments,
            },
            this.#hashes(),
          ),
          holderId: fromHex(this.nodeId),
          at: 1,
        },
        this.actor.sign,
      ),
    );
  }

  async commit(manifest: Uint8Array, receipts: readonly Uint8Array[]): Promise<void> {
    await this.#pass('commit');
    this.committed = { manifest, receipts };
  }

  async abort(): Promise<void> {
    await this.#pass('abort');
    if (this.committed === undefined) this.pieces.clear();
  }

  async piece(
    _shareId: string,
    _shard: number,
    segment: number,
    signal?: AbortSignal,
  ): Promise<Lease> {
    await this.#pass('piece', signal, segment);
    const piece = this.pieces.get(segment);
    if (piece === undefined) throw new PeerError('not-found', 'No such piece.');
    return lend(this.alter(piece.slice(), segment));
  }

  async hashes(
    _shareId: string,
    _shard: number,
    page: number,
    signal?: AbortSignal,
  ): Promise<{ readonly pages: Uint8Array; readonly page: Uint8Array }> {
    await this.#pass('hashes', signal);
    const hashes = this.#hashes();
    const start = page * PAGE_HASHES * 32;
    return { pages: shardPages(hashes), page: hashes.slice(start, start + PAGE_HASHES * 32) };
  }

  async scan(
    _shareId: string,
    _shard: number,
    onProgress: (chunks: number) => void,
    signal?: AbortSignal,
  ): Promise<ShardScan> {
    onProgress(this.scanned.chunksChecked);
    await this.#pass('scan', signal);
    return this.scanned;
  }

  #hashes(): Uint8Array {
    const sorted = [...this.pieces].sort(([a], [b]) => a - b);
    return concatBytes(...sorted.map(([, piece]) => pieceHash(piece)));
  }

  async #pass(step: Step, signal?: AbortSignal, segment?: number): Promise<void> {
    this.steps.push(step);
    await this.before(step, signal, segment);
  }
}

/** Never answers; ends with its signal, as a request does. */
export function hang(signal?: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(new PeerError('cancelled', 'Given up.'));
    });
  });
}

export function gone(): never {
  throw new PeerError('closed', 'The connection was closed.');
}
