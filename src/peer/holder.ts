import type { Geometry } from '../chunk/geometry.js';
import { fromHex } from '../common/bytes.js';
import { PeerError } from '../common/errors.js';
import type { Lease } from '../common/memory.js';
import type { Connection } from '../net/connection.js';
import type { ShardScan } from '../store/store.js';
import { holderLimits } from './limits.js';
import type { HolderService } from './serve/holderService.js';

/** One that holds shards, here or elsewhere: what a transfer talks to. */
export interface Holder {
  readonly nodeId: string;
  stage(
    shareId: string,
    shard: number,
    geometry: Geometry,
    random: Uint8Array,
    holders: readonly string[],
    signal?: AbortSignal,
  ): Promise<void>;
  /** `piece` must not be changed before the promise settles. */
  put(
    shareId: string,
    shard: number,
    segment: number,
    piece: Uint8Array,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Hashes of the pieces that have arrived, of the page of this number, zeros where there is none. */
  staged(shareId: string, shard: number, page: number, signal?: AbortSignal): Promise<Uint8Array>;
  seal(shareId: string, shard: number, signal?: AbortSignal): Promise<Uint8Array>;
  commit(manifest: Uint8Array, receipts: readonly Uint8Array[]): Promise<void>;
  abort(shareId: string, shard: number): Promise<void>;
  piece(shareId: string, shard: number, segment: number, signal?: AbortSignal): Promise<Lease>;
  /** Piece hashes of the page that holds `segment`, and the hashes of all pages. */
  hashes(
    shareId: string,
    shard: number,
    page: number,
    signal?: AbortSignal,
  ): Promise<{ readonly pages: Uint8Array; readonly page: Uint8Array }>;
  scan(
    shareId: string,
    shard: number,
    onProgress: (chunks: number) => void,
    signal?: AbortSignal,
  ): Promise<ShardScan>;
}

/** A holder behind whichever connection there is to it at the moment. */
export class RemoteHolder implements Holder {
  constructor(
    readonly nodeId: string,
    private readonly current: () => Connection | undefined,
  ) {}

  private get connection(): Connection {
    const connection = this.current();
    if (connection === undefined) throw new PeerError('closed', 'This peer is not connected.');
    return connection;
  }

  async stage(
    shareId: string,
    shard: number,
    geometry: Geometry,
    random: Uint8Array,
    holders: readonly string[],
    signal?: AbortSignal,
  ): Promise<void> {
    await this.connection.request(
      {
        t: 'stage',
        share: fromHex(shareId),
        shard,
        geometry,
        random,
        holders: holders.map(fromHex),
      },
      { timeoutMs: holderLimits.pieceMs, ...(signal && { signal }) },
    );
  }

  async put(
    shareId: string,
    shard: number,
    segment: number,
    piece: Uint8Array,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.connection.request(
      { t: 'put', share: fromHex(shareId), shard, segment },
      { body: piece, timeoutMs: holderLimits.pieceMs, ...(signal && { signal }) },
    );
  }

  async staged(
    shareId: string,
    shard: number,
    page: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const { body } = await this.connection.request(
      { t: 'staged', share: fromHex(shareId), shard, page },
      { timeoutMs: holderLimits.durableMs, ...(signal && { signal }) },
    );
    return body.bytes;
  }

  async seal(shareId: string, shard: number, signal?: AbortSignal): Promise<Uint8Array> {
    const { message } = await this.connection.request(
      { t: 'seal', share: fromHex(shareId), shard },
      { timeoutMs: holderLimits.durableMs, ...(signal && { signal }) },
    );
    return message.bytes;
  }

  async commit(manifest: Uint8Array, receipts: readonly Uint8Array[]): Promise<void> {
    await this.connection.request(
      { t: 'commit', manifest, receipts: [...receipts] },
      { timeoutMs: holderLimits.durableMs },
    );
  }

  async abort(shareId: string, shard: number): Promise<void> {
    await this.connection.request({ t: 'abort', share: fromHex(shareId), shard });
  }

  async piece(
    shareId: string,
    shard: number,
    segment: number,
    signal?: AbortSignal,
  ): Promise<Lease> {
    const { body } = await this.connection.request(
      { t: 'piece', share: fromHex(shareId), shard, segment },
      { timeoutMs: holderLimits.pieceMs, ...(signal && { signal }) },
    );
    return body;
  }

  async hashes(
    shareId: string,
    shard: number,
    page: number,
    signal?: AbortSignal,
  ): Promise<{ readonly pages: Uint8Array; readonly page: Uint8Array }> {
    const { message, body } = await this.connection.request(
      { t: 'hashes', share: fromHex(shareId), shard, page },
      { timeoutMs: holderLimits.pieceMs, ...(signal && { signal }) },
    );
    return { pages: message.pages, page: body.bytes };
  }

  async scan(
    shareId: string,
    shard: number,
    onProgress: (chunks: number) => void,
    signal?: AbortSignal,
  ): Promise<ShardScan> {
    const { message } = await this.connection.request(
      { t: 'verify', share: fromHex(shareId), shard },
      {
        timeoutMs: holderLimits.durableMs,
        onProgress: (progress) => {
          onProgress(progress.checked);
        },
        ...(signal && { signal }),
      },
    );
    return { chunksChecked: message.chunks, badChunks: message.bad, root: message.root };
  }
}

/** This peer as its own holder: the same service, without the network. */
export function localHolder(nodeId: string, service: HolderService): Holder {
  return {
    nodeId,
    stage: (shareId, shard, geometry, random) =>
      service.stage(nodeId, { shareId, shard, geometry, random }),
    put: (shareId, shard, segment, piece) => service.put(nodeId, shareId, shard, segment, piece),
    staged: (shareId, shard, page) => service.staged(nodeId, shareId, shard, page),
    seal: (shareId, shard) => service.seal(nodeId, shareId, shard),
    commit: (manifest, receipts) => service.commit(nodeId, manifest, receipts),
    abort: (shareId, shard) => service.abort(nodeId, shareId, shard),
    piece: (shareId, shard, segment) => service.piece(shareId, shard, segment),
    hashes: (shareId, shard, page) => service.hashPage(shareId, shard, page),
    scan: (shareId, shard, onProgress, signal) =>
      service.scan(nodeId, shareId, shard, onProgress, signal ?? new AbortController().signal),
  };
}
