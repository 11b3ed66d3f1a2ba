import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pieceBytes, pieceOffset } from '../../chunk/geometry.js';
import { HASH_SIZE } from '../../chunk/shardRoot.js';
import { PeerError } from '../../common/errors.js';
import type { Lease, Memory } from '../../common/memory.js';
import {
  checkShardKey,
  commitFileName,
  hashesFileName,
  type Layout,
  shardFileName,
  shareDirectory,
} from '../layout.js';
import { workerLimits } from '../limits.js';
import type { BadPiece, HeldShard, Lending, ShardScan, ShardStore } from '../store.js';
import type { CallOptions, WorkerClient } from '../workerClient.js';
import { HandleCache, readInto } from './handleCache.js';
import { prologueSize } from './prologue.js';
import type { ShardHandlers } from './shardWorker.js';

/** Main-thread end of the shard files. Pieces are read here, all else is done by the worker. */
export class ShardClient implements ShardStore {
  readonly #handles = new HandleCache();
  #worker: WorkerClient<ShardHandlers> | null = null;
  #disposed = false;

  constructor(
    private readonly layout: Layout,
    private readonly memory: Memory,
    private readonly startWorker: () => WorkerClient<ShardHandlers>,
  ) {}

  stage(shard: Omit<HeldShard, 'state'>, lending?: Lending): Promise<void> {
    return this.#call('stage', [shard, lending], { timeout: workerLimits.longCallMs });
  }

  writePiece(
    shareId: string,
    shard: number,
    segment: number,
    piece: Uint8Array,
    author?: string,
  ): Promise<Uint8Array> {
    // Shared memory is not copied; of other memory only the piece is, not what it is part of.
    const own = piece.buffer instanceof SharedArrayBuffer ? piece : piece.slice();
    return this.#call('writePiece', [shareId, shard, segment, own, author], {
      timeout: workerLimits.longCallMs,
    });
  }

  stagedHashes(shareId: string, shard: number, page: number): Promise<Uint8Array> {
    return this.#call('stagedHashes', [shareId, shard, page], {
      timeout: workerLimits.longCallMs,
    });
  }

  seal(shareId: string, shard: number): Promise<Uint8Array> {
    return this.#call('seal', [shareId, shard], { timeout: workerLimits.longCallMs });
  }

  commit(
    shareId: string,
    shard: number,
    manifest: Uint8Array,
    receipts: readonly Uint8Array[],
  ): Promise<void> {
    return this.#call('commit', [shareId, shard, manifest, receipts]);
  }

  abort(shareId: string, shard: number, only?: 'staging'): Promise<void> {
    return this.#call('abort', [shareId, shard, only]);
  }

  async hide(shareId: string): Promise<void> {
    await this.#call('hide', [shareId]);
    this.#handles.forget((file) => path.basename(file).startsWith(`${shareId}.`));
  }

  async remove(shareId: string, shard?: number): Promise<void> {
    await this.#call('remove', [shareId, shard], { timeout: workerLimits.longCallMs });
    const of = shard === undefined ? `${shareId}.` : shardFileName(shareId, shard);
    this.#handles.forget((file) => path.basename(file).startsWith(of));
  }

  check(
    shareId: string,
    shard: number,
    first: number,
    count: number,
  ): Promise<readonly BadPiece[]> {
    return this.#call('check', [shareId, shard, first, count]);
  }

  mend(shareId: string, shard: number, segment: number, piece: Uint8Array): Promise<void> {
    const own = piece.buffer instanceof SharedArrayBuffer ? piece : piece.slice();
    return this.#call('mend', [shareId, shard, segment, own]);
  }

  rehash(shareId: string, shard: number, root: Uint8Array): Promise<boolean> {
    return this.#call('rehash', [shareId, shard, root], { timeout: workerLimits.longCallMs });
  }

  putHashes(
    shareId: string,
    shard: number,
    root: Uint8Array,
    hashes: Uint8Array,
  ): Promise<boolean> {
    return this.#call('putHashes', [shareId, shard, root, hashes]);
  }

  async readPiece(shareId: string, shard: number, segment: number): Promise<Lease> {
    const file = this.#committed(shareId, shard, shardFileName(shareId, shard));
    return this.#handles.use(file, async ({ handle, description: { geometry } }) => {
      if (!Number.isInteger(segment) || segment < 0 || segment >= geometry.segments) {
        throw new PeerError('not-found', 'The shard has no such piece.');
      }
      const position = prologueSize + pieceOffset(geometry, segment);
      const piece = this.memory.take(pieceBytes(geometry, segment));
      await readInto(handle, position, piece.bytes);
      return piece;
    });
  }

  async readHashes(shareId: string, shard: number): Promise<Uint8Array> {
    const file = this.#committed(shareId, shard, shardFileName(shareId, shard));
    const directory = shareDirectory(this.layout, shareId);
    return this.#handles.use(file, async ({ description: { geometry } }) => {
      const hashes = await readFile(path.join(directory, hashesFileName(shareId, shard)));
      if (hashes.byteLength !== geometry.segments * HASH_SIZE) {
        throw new PeerError('disk', 'The hashes beside a shard are damaged.');
      }
      return new Uint8Array(hashes);
    });
  }

  scan(
    shareId: string,
    shard: number,
    onProgress?: (chunks: number) => void,
    signal?: AbortSignal,
  ): Promise<ShardScan> {
    return this.#call('scan', [shareId, shard], {
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  held(shareId: string): Promise<readonly HeldShard[]> {
    return this.#call('held', [shareId]);
  }

  allHeld(): Promise<readonly HeldShard[]> {
    return this.#call('allHeld', []);
  }

  storedBytes(except?: string): Promise<number> {
    return this.#call('storedBytes', [except]);
  }

  async close(): Promise<void> {
    this.#disposed = true;
    await this.#handles.close();
    await this.#worker?.close();
  }

  dispose(): void {
    this.#disposed = true;
    this.#handles.dispose();
    this.#worker?.dispose();
  }

  async #call<K extends keyof ShardHandlers>(
    method: K,
    args: Parameters<ShardHandlers[K]>,
    options?: CallOptions,
  ): Promise<Awaited<ReturnType<ShardHandlers[K]>>> {
    if (this.#disposed) throw new PeerError('closed', 'The store is closed.');
    this.#worker ??= this.startWorker();
    return await this.#worker.call(method, args, options);
  }

  /** Only what has its COMMIT beside it is served. */
  #committed(shareId: string, shard: number, name: string): string {
    if (this.#disposed) throw new PeerError('closed', 'The store is closed.');
    checkShardKey(shareId, shard);
    const directory = shareDirectory(this.layout, shareId);
    if (!existsSync(path.join(directory, commitFileName(shareId)))) {
      throw new PeerError('not-found', 'This peer does not hold that share.', {
        details: { shareId, shard },
      });
    }
    return path.join(directory, name);
  }
}
