import { closeSync, openSync, readdirSync, readSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { PeerError } from '../../common/errors.js';
import { shardBytes } from '../../chunk/geometry.js';
import {
  commitFileName,
  deletedFileName,
  ensureDirectory,
  hashesFileName,
  type Layout,
  parseShardFileName,
  shardFileName,
  shareDirectory,
} from '../layout.js';
import type { HeldShard } from '../store.js';
import { decodePrologue, prologueSize } from './prologue.js';
import { endRemovals } from './removal.js';

/** Which shards lie in a data directory. The files are the truth; this is what was read from them. */
export class ShardIndex {
  readonly #shares = new Map<string, Map<number, HeldShard>>();
  /** Bytes of shard files, by author. */
  readonly #bytes = new Map<string, number>();

  constructor(private readonly layout: Layout) {
    ensureDirectory(layout.shards);
    ensureDirectory(layout.staging);
    for (const directory of readdirSync(layout.shards)) {
      if (/^[0-9a-f]{2}$/.test(directory)) this.#load(path.join(layout.shards, directory), true);
    }
    this.#load(layout.staging, false);
  }

  get(shareId: string, shard: number): HeldShard | undefined {
    return this.#shares.get(shareId)?.get(shard);
  }

  /** @throws {PeerError} `not-found` */
  require(shareId: string, shard: number): HeldShard {
    const held = this.get(shareId, shard);
    if (held === undefined) {
      throw new PeerError('not-found', 'This peer does not hold that shard.', {
        details: { shareId, shard },
      });
    }
    return held;
  }

  set(held: HeldShard): void {
    if (this.get(held.shareId, held.shard) === undefined) this.#count(held, 1);
    const share = this.#shares.get(held.shareId) ?? new Map<number, HeldShard>();
    this.#shares.set(held.shareId, share.set(held.shard, held));
  }

  delete(shareId: string, shard: number): void {
    const share = this.#shares.get(shareId);
    const held = share?.get(shard);
    if (held !== undefined) this.#count(held, -1);
    share?.delete(shard);
    if (share?.size === 0) this.#shares.delete(shareId);
  }

  ofShare(shareId: string): HeldShard[] {
    return [...(this.#shares.get(shareId)?.values() ?? [])];
  }

  all(): HeldShard[] {
    return [...this.#shares.values()].flatMap((share) => [...share.values()]);
  }

  /** Bytes of all shard files, without those of one author. */
  bytes(except?: string): number {
    let sum = 0;
    for (const [author, bytes] of this.#bytes) if (author !== except) sum += bytes;
    return sum;
  }

  /** Directory in which the files of a shard lie. */
  directoryOf(held: Pick<HeldShard, 'shareId' | 'state'>): string {
    return isStored(held) ? shareDirectory(this.layout, held.shareId) : this.layout.staging;
  }

  fileOf(held: HeldShard): string {
    return path.join(this.directoryOf(held), shardFileName(held.shareId, held.shard));
  }

  hashesOf(held: HeldShard): string {
    return path.join(this.directoryOf(held), hashesFileName(held.shareId, held.shard));
  }

  #count({ authorId, geometry }: HeldShard, sign: 1 | -1): void {
    const size = prologueSize + shardBytes(geometry);
    this.#bytes.set(authorId, (this.#bytes.get(authorId) ?? 0) + sign * size);
  }

  #load(directory: string, committed: boolean): void {
    if (committed) endRemovals(directory);
    const names = new Set(readdirSync(directory));
    for (const name of names) {
      // Written by a process that died before the rename: it counts for nothing.
      if (name.endsWith('.tmp')) unlinkSync(path.join(directory, name));
      // The last step of a commit, or of the removal of a shard, was not taken.
      const moved = !names.has(name.replace(/\.hashes$/, '.shard'));
      if (moved && name.endsWith('.hashes')) unlinkSync(path.join(directory, name));
      const key = parseShardFileName(name);
      if (key === null) continue;
      const description = readDescription(path.join(directory, name));
      // Damaged or foreign files are left where they are: they may be looked at, not served.
      if (description === null) continue;
      if (description.shareId !== key.shareId || description.shard !== key.shard) continue;
      if (committed) {
        const hidden = names.has(deletedFileName(key.shareId));
        if (hidden) this.set({ ...description, state: 'hidden' });
        else if (names.has(commitFileName(key.shareId)))
          this.set({ ...description, state: 'committed' });
      } else if (this.get(key.shareId, key.shard) === undefined) {
        this.set({
          ...description,
          state: names.has(hashesFileName(key.shareId, key.shard)) ? 'receipted' : 'staging',
        });
      }
    }
  }
}

/** Whether it lies at its final place. */
export function isStored({ state }: Pick<HeldShard, 'state'>): boolean {
  return state === 'committed' || state === 'hidden';
}

function readDescription(file: string): Omit<HeldShard, 'state'> | null {
  const bytes = new Uint8Array(prologueSize);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, bytes, 0, prologueSize, 0);
    return decodePrologue(bytes);
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}
