import {
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import path from 'node:path';
import { sameGeometry, shardBytes, shards, validateGeometry } from '../../chunk/geometry.js';
import type { Kernel } from '../../chunk/kernel.js';
import { HASH_SIZE, pageOf, pieceHash } from '../../chunk/shardRoot.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { decodeCommitFile, encodeCommitFile } from '../commitFile.js';
import {
  checkShardKey,
  commitFileName,
  deletedFileName,
  ensureDirectory,
  hashesFileName,
  type Layout,
  shardFileName,
  shareDirectory,
  syncDirectory,
  writeDurably,
} from '../layout.js';
import type { BadPiece, HeldShard, Lending, ShardScan } from '../store.js';
import { pieceChecker, rootOf } from './checker.js';
import { KeyedQueue } from './keyedQueue.js';
import { encodePrologue, prologueSize, type ShardDescription } from './prologue.js';
import { checkPieces, mendPiece } from './pieces.js';
import { beginRemoval, endRemoval } from './removal.js';
import { scanShard, type ShardHashes } from './scan.js';
import { isStored, ShardIndex } from './shardIndex.js';
import { StagedShard } from './stagedShard.js';
import { shardLimits } from '../limits.js';

/** The shard files of a data directory; runs in the worker `shards`. */
export class ShardFiles {
  readonly #index: ShardIndex;
  readonly #queue = new KeyedQueue();
  /** Least recently used first. */
  readonly #staged = new Map<string, StagedShard>();

  constructor(
    private readonly layout: Layout,
    private readonly kernel: () => Kernel,
  ) {
    this.#index = new ShardIndex(layout);
  }

  stage(description: ShardDescription, lending?: Lending): Promise<void> {
    const { shareId, shard, geometry } = description;
    checkShardKey(shareId, shard);
    validateGeometry(geometry);
    if (shard >= shards(geometry)) throw new PeerError('limit', 'The share has no such shard.');
    return this.#queue.run(shareId, () => {
      const held = this.#index.get(shareId, shard);
      if (held === undefined) {
        this.#checkSpace(description, lending);
        const file = path.join(this.layout.staging, shardFileName(shareId, shard));
        const hashes = path.join(this.layout.staging, hashesFileName(shareId, shard));
        // Left by a process that died while it moved or dropped the shard.
        if (existsSync(hashes)) unlinkSync(hashes);
        this.#remember(StagedShard.create(file, description));
        this.#index.set({ ...description, state: 'staging' });
        return;
      }
      if (held.state !== 'staging' || !sameShard(held, description)) {
        throw new PeerError('exists', 'This peer holds that shard already.', {
          details: { shareId, shard, state: held.state },
        });
      }
      // What an earlier process left of it is read through when somebody asks, or sends.
    });
  }

  writePiece(
    shareId: string,
    shard: number,
    segment: number,
    piece: Uint8Array,
    author?: string,
  ): Promise<Uint8Array> {
    return this.#queue.run(shareId, async () => {
      const held = this.#index.get(shareId, shard);
      if (held?.state !== 'staging') throw nothingStaged(shareId, shard);
      if (author !== undefined && held.authorId !== author) {
        throw new PeerError('not-trusted', 'This shard is received for another author.');
      }
      return (await this.#requireStaged(held)).write(segment, piece);
    });
  }

  stagedHashes(shareId: string, shard: number, page: number): Promise<Uint8Array> {
    return this.#queue.run(shareId, async () => {
      const held = this.#index.get(shareId, shard);
      if (held?.state === 'receipted') return pageOf(this.#readHashes(held), page);
      if (held?.state !== 'staging') throw nothingStaged(shareId, shard);
      return pageOf((await this.#requireStaged(held)).hashes, page);
    });
  }

  seal(shareId: string, shard: number): Promise<Uint8Array> {
    return this.#queue.run(shareId, async () => {
      const held = this.#index.get(shareId, shard);
      if (held === undefined || held.state === 'hidden') throw nothingStaged(shareId, shard);
      if (held.state !== 'staging') return rootOf(held, this.#readHashes(held));
      const staged = await this.#requireStaged(held);
      if (staged.missingPieces > 0) {
        throw new PeerError('protocol', 'Pieces of the shard have not arrived.', {
          details: { shareId, shard, missing: staged.missingPieces },
        });
      }
      await staged.sync();
      // From here on the shard is receipted: its hashes lie beside it.
      writeDurably(this.#index.hashesOf(held), [staged.hashes]);
      this.#index.set({ ...held, state: 'receipted' });
      await this.#forget(staged);
      return rootOf(held, staged.hashes);
    });
  }

  commit(
    shareId: string,
    shard: number,
    manifest: Uint8Array,
    receipts: readonly Uint8Array[],
  ): Promise<void> {
    return this.#queue.run(shareId, () => {
      const held = this.#index.require(shareId, shard);
      if (held.state === 'staging') {
        throw new PeerError('protocol', 'A shard that is not whole cannot be committed.', {
          details: { shareId, shard },
        });
      }
      const directory = shareDirectory(this.layout, shareId);
      if (existsSync(path.join(directory, deletedFileName(shareId)))) {
        throw new PeerError('not-found', 'The share was deleted.', { details: { shareId } });
      }
      if (!existsSync(directory)) {
        ensureDirectory(directory);
        syncDirectory(this.layout.shards);
      }
      // What is left of an earlier removal would take the new files along.
      endRemoval(directory, shareId);
      this.#writeCommit(path.join(directory, commitFileName(shareId)), { manifest, receipts });
      if (held.state === 'committed') return;
      // At every step the shard has its hashes beside it, so it is receipted or committed, never less.
      const hashes = this.#index.hashesOf(held);
      writeDurably(path.join(directory, hashesFileName(shareId, shard)), [readFileSync(hashes)]);
      renameSync(this.#index.fileOf(held), path.join(directory, shardFileName(shareId, shard)));
      syncDirectory(directory);
      syncDirectory(this.layout.staging);
      this.#index.set({ ...held, state: 'committed' });
      unlinkSync(hashes);
    });
  }

  abort(shareId: string, shard: number, only?: 'staging'): Promise<void> {
    return this.#queue.run(shareId, async () => {
      const held = this.#index.get(shareId, shard);
      // It may have become whole, and promised, while the call waited.
      if (held === undefined || (only !== undefined && held.state !== only)) return;
      if (isStored(held)) {
        throw new PeerError('exists', 'A committed shard is not dropped by an abort.', {
          details: { shareId, shard },
        });
      }
      await this.#drop(held);
    });
  }

  hide(shareId: string): Promise<void> {
    checkShardKey(shareId, 0);
    return this.#queue.run(shareId, async () => {
      const directory = shareDirectory(this.layout, shareId);
      const commit = path.join(directory, commitFileName(shareId));
      const stored = this.#index.ofShare(shareId).filter(isStored);
      if (existsSync(commit)) {
        // One rename, and nobody can read what lies there.
        if (stored.length > 0) renameSync(commit, path.join(directory, deletedFileName(shareId)));
        else unlinkSync(commit);
        syncDirectory(directory);
      }
      for (const held of stored) this.#index.set({ ...held, state: 'hidden' });
      for (const held of this.#index.ofShare(shareId)) {
        if (!isStored(held)) await this.#drop(held);
      }
    });
  }

  remove(shareId: string, shard?: number): Promise<void> {
    checkShardKey(shareId, shard ?? 0);
    return this.#queue.run(shareId, () => {
      const directory = shareDirectory(this.layout, shareId);
      const stored = this.#index.ofShare(shareId).filter(isStored);
      const going = stored.filter((held) => shard === undefined || held.shard === shard);
      if (going.length === 0) return;
      if (going.length === stored.length) {
        beginRemoval(directory, shareId);
        for (const held of going) this.#index.delete(shareId, held.shard);
        endRemoval(directory, shareId);
        return;
      }
      for (const held of going) {
        const files = [this.#index.fileOf(held), this.#index.hashesOf(held)];
        this.#index.delete(shareId, held.shard);
        for (const file of files) rmSync(file, { force: true });
      }
      syncDirectory(directory);
    });
  }

  async check(shareId: string, shard: number, first: number, count: number): Promise<BadPiece[]> {
    const held = this.#committed(shareId, shard);
    const check = pieceChecker(this.kernel(), held);
    const run = { first, count, hashes: this.#readHashes(held) };
    const file = this.#index.fileOf(held);
    // One that somebody removed is to be mended piece by piece, like one that was cut off.
    if (statSync(file, { throwIfNoEntry: false }) === undefined) {
      writeDurably(file, [encodePrologue(held)], prologueSize + shardBytes(held.geometry));
    }
    return await checkPieces(file, held, run, check);
  }

  mend(shareId: string, shard: number, segment: number, piece: Uint8Array): Promise<void> {
    return this.#queue.run(shareId, () => {
      const held = this.#committed(shareId, shard);
      mendPiece(this.#index.fileOf(held), held, { segment, piece, hashes: this.#readHashes(held) });
    });
  }

  rehash(shareId: string, shard: number, root: Uint8Array): Promise<boolean> {
    return this.#queue.run(shareId, async () => {
      const held = this.#committed(shareId, shard);
      if (!existsSync(this.#index.fileOf(held))) return false;
      const found: ShardHashes = { bytes: new Uint8Array() };
      const options = { check: () => [], onProgress: () => undefined, found };
      const scan = await scanShard(this.#index.fileOf(held), held, {
        ...options,
        signal: new AbortController().signal,
      });
      if (!equalBytes(scan.root, root)) return false;
      writeDurably(this.#index.hashesOf(held), [found.bytes]);
      return true;
    });
  }

  putHashes(
    shareId: string,
    shard: number,
    root: Uint8Array,
    hashes: Uint8Array,
  ): Promise<boolean> {
    return this.#queue.run(shareId, () => {
      const held = this.#committed(shareId, shard);
      if (!equalBytes(rootOf(held, hashes), root)) return false;
      writeDurably(this.#index.hashesOf(held), [hashes]);
      return true;
    });
  }

  async scan(
    shareId: string,
    shard: number,
    onProgress: (chunks: number) => void,
    signal: AbortSignal,
  ): Promise<ShardScan> {
    const held = this.#index.require(shareId, shard);
    if (held.state === 'staging' || held.state === 'hidden') throw nothingStaged(shareId, shard);
    const check = pieceChecker(this.kernel(), held);
    return scanShard(this.#index.fileOf(held), held, { check, onProgress, signal });
  }

  held(shareId: string): HeldShard[] {
    return this.#index.ofShare(shareId);
  }

  allHeld(): HeldShard[] {
    return this.#index.all();
  }

  storedBytes(except?: string): number {
    return this.#index.bytes(except);
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    for (const staged of [...this.#staged.values()]) await this.#forget(staged);
  }

  #committed(shareId: string, shard: number): HeldShard {
    const held = this.#index.require(shareId, shard);
    if (held.state !== 'committed') throw nothingStaged(shareId, shard);
    return held;
  }

  /** Of what is being received, or was and is not committed. */
  async #drop(held: HeldShard): Promise<void> {
    const staged = this.#staged.get(shardFileName(held.shareId, held.shard));
    if (staged !== undefined) await this.#forget(staged);
    if (held.state === 'receipted') unlinkSync(this.#index.hashesOf(held));
    unlinkSync(this.#index.fileOf(held));
    syncDirectory(this.layout.staging);
    this.#index.delete(held.shareId, held.shard);
  }

  /** The staged shard, ready to be written; one of an earlier process is read through first. */
  async #requireStaged(held: HeldShard): Promise<StagedShard> {
    const known = this.#staged.get(shardFileName(held.shareId, held.shard));
    const staged = known ?? StagedShard.reopen(this.#index.fileOf(held), held);
    if (known === undefined) {
      const check = pieceChecker(this.kernel(), held);
      for (let segment = 0; segment < held.geometry.segments; segment++) {
        const piece = staged.read(segment);
        if (check(segment, piece).length === 0) staged.mark(segment, pieceHash(piece));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    this.#remember(staged);
    return staged;
  }

  #remember(staged: StagedShard): void {
    const key = path.basename(staged.file);
    this.#staged.delete(key);
    this.#staged.set(key, staged);
    if (this.#staged.size <= shardLimits.open) return;
    const idle = [...this.#staged.values()].slice(0, this.#staged.size - shardLimits.open);
    for (const other of idle) other.release();
  }

  async #forget(staged: StagedShard): Promise<void> {
    this.#staged.delete(path.basename(staged.file));
    await staged.close();
  }

  #readHashes(held: HeldShard): Uint8Array {
    const hashes = readFileSync(this.#index.hashesOf(held));
    if (hashes.byteLength !== held.geometry.segments * HASH_SIZE) {
      throw new PeerError('disk', 'The hashes beside a shard are damaged.');
    }
    return new Uint8Array(hashes);
  }

  #writeCommit(
    file: string,
    { manifest, receipts }: { manifest: Uint8Array; receipts: readonly Uint8Array[] },
  ): void {
    const known = existsSync(file) ? readCommit(file) : null;
    if (known !== null && !equalBytes(known.manifest, manifest)) {
      throw new PeerError('exists', 'The share was committed with another manifest.');
    }
    const all = new Map([...(known?.receipts ?? []), ...receipts].map((r) => [toHex(r), r]));
    if (known !== null && known.receipts.length === all.size) return;
    writeDurably(file, [encodeCommitFile({ manifest, receipts: [...all.values()] })]);
  }

  #checkSpace(description: ShardDescription, lending: Lending | undefined): void {
    const needed = prologueSize + shardBytes(description.geometry);
    if (lending !== undefined && description.authorId !== lending.except) {
      const used = this.#index.bytes(lending.except);
      if (used + needed > lending.bytes) {
        throw new PeerError('quota', 'This peer lends no more room.', {
          hint: 'Have it lend more, or delete what is not needed.',
          details: { needed, used, lent: lending.bytes },
        });
      }
    }
    const { bavail, bsize } = statfsSync(this.layout.staging);
    let promised = 0;
    for (const staged of this.#staged.values()) promised += staged.missingBytes;
    if (needed + promised > bavail * bsize) {
      throw new PeerError('disk-full', 'The disk has no room for another shard.', {
        hint: 'Free some space on the disk of the data directory.',
        details: { needed, free: Math.max(0, bavail * bsize - promised) },
      });
    }
  }
}

function readCommit(file: string): ReturnType<typeof decodeCommitFile> | null {
  try {
    return decodeCommitFile(readFileSync(file));
  } catch (error) {
    // A damaged one is replaced by what the caller brings.
    if (PeerError.is(error, 'integrity')) return null;
    throw error;
  }
}

function nothingStaged(shareId: string, shard: number): PeerError {
  return new PeerError('not-found', 'Nothing is staged under that shard.', {
    details: { shareId, shard },
  });
}

function sameShard(a: ShardDescription, b: ShardDescription): boolean {
  return a.authorId === b.authorId && sameGeometry(a.geometry, b.geometry);
}
