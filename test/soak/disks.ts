import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { decodeManifest } from '../../src/chunk/manifest.js';
import { equalBytes, toHex } from '../../src/common/bytes.js';
import { decodeCommitFile } from '../../src/store/commitFile.js';
import {
  commitFileName,
  layoutOf,
  parseShardFileName,
  shareDirectory,
  type Layout,
} from '../../src/store/layout.js';
import { scanShard } from '../../src/store/shards/scan.js';
import type { Cast } from './cast.js';

/** A committed shard on the disk of a peer, and whether it leads to the signed root. */
export interface FoundShard {
  readonly peer: number;
  readonly shard: number;
  readonly file: string;
  readonly isSound: boolean;
}

/** What really lies on the disks of the peers, whatever they say of it. */
export class Disks {
  /** By file, what was found in it, and when it was written then. */
  readonly #scans = new Map<string, { readonly stamp: string; readonly isSound: boolean }>();

  constructor(private readonly cast: Cast) {}

  /** All shards of a share on these disks. */
  async find(shareId: string, peers: readonly number[]): Promise<FoundShard[]> {
    const found: FoundShard[] = [];
    for (const peer of peers) {
      const layout = layoutOf(this.cast.peer(peer).dataDir);
      for (const [file, shard] of committedShards(layout, shareId)) {
        found.push({
          peer,
          shard,
          file,
          isSound: await this.#isSound(layout, shareId, shard, file),
        });
      }
    }
    return found;
  }

  /** Numbers of the shards of a share of which there is a sound one on one of these disks. */
  async sound(shareId: string, peers: readonly number[]): Promise<Set<number>> {
    const found = await this.find(shareId, peers);
    return new Set(found.filter(({ isSound }) => isSound).map(({ shard }) => shard));
  }

  async #isSound(layout: Layout, shareId: string, shard: number, file: string): Promise<boolean> {
    try {
      const { mtimeMs, size, ino } = statSync(file);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      const known = this.#scans.get(file);
      if (known?.stamp === stamp) return known.isSound;
      const isSound = await readsAsSigned(layout, shareId, shard, file);
      this.#scans.set(file, { stamp, isSound });
      return isSound;
    } catch {
      return false; // its peer has just moved it, or what is there is no shard
    }
  }
}

function committedShards(layout: Layout, shareId: string): [file: string, shard: number][] {
  const folder = shareDirectory(layout, shareId);
  if (!existsSync(path.join(folder, commitFileName(shareId)))) return [];
  return readdirSync(folder).flatMap((name): [string, number][] => {
    const parsed = parseShardFileName(name);
    return parsed?.shareId === shareId ? [[path.join(folder, name), parsed.shard]] : [];
  });
}

async function readsAsSigned(
  layout: Layout,
  shareId: string,
  shard: number,
  file: string,
): Promise<boolean> {
  const commit = path.join(shareDirectory(layout, shareId), commitFileName(shareId));
  const { geometry, roots, authorId } = decodeManifest(
    decodeCommitFile(readFileSync(commit)).manifest,
  );
  const description = { shareId, shard, geometry, authorId: toHex(authorId) };
  const { root } = await scanShard(file, description, {
    check: () => [],
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  const signed = roots[geometry.k === 1 ? 0 : shard];
  return signed !== undefined && equalBytes(root, signed);
}
