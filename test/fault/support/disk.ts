import assert from 'node:assert/strict';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  watch,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ShareInfo } from '../../../src/control/contract.js';
import { filesBelow } from '../../e2e/scan.js';
import { Keeper } from '../../support/keeper.js';
import { TestPeer, type TestGroup } from '../../support/peers.js';

const sectorBytes = 512;
/** What a file system of memory gives out at a time. */
const pageBytes = 4096;

/** A disk of a few MiB, mounted for one process alone, which others enter or look through; Linux only. */
export class SmallDisk {
  /** Where it is for processes that were not started through it: a link on the way there cannot be resolved. */
  readonly folder: string;

  private constructor(
    private readonly keeper: Keeper,
    private readonly mountPoint: string,
    private readonly isOwned: boolean,
  ) {
    this.folder = `/proc/${String(keeper.pid)}/root${mountPoint}`;
  }

  /** @throws Error where the system lets this user mount nothing */
  static async mount(mebibytes: number): Promise<SmallDisk> {
    // The socket of a peer is to lie where all see it: so it does when this is too long for one.
    const mountPoint = mkdtempSync(join(tmpdir(), `small-disk-${'-'.repeat(80)}`));
    const mount = `mount -t tmpfs -o size=${String(mebibytes)}m,mode=700 small ${mountPoint}`;
    for (const own of [[], ['--user', '--map-root-user']]) {
      const keeper = await Keeper.start(['unshare', ...own, '--mount'], [mount]);
      if (keeper !== undefined) return new SmallDisk(keeper, mountPoint, own.length > 0);
    }
    rmdirSync(mountPoint);
    throw new Error(
      'This test needs a small disk: run it as root on Linux, or where users may make namespaces.',
    );
  }

  /** One that has its data directory on it. */
  newPeer(name: string): TestPeer {
    const user = this.isOwned ? ['--user', '--preserve-credentials'] : [];
    const through = ['nsenter', `--target=${String(this.keeper.pid)}`, ...user, '--mount'];
    const dataDir = join(this.mountPoint, name);
    return new TestPeer(name, dataDir, { through }, undefined, join(this.folder, name));
  }

  /** Takes all room that is left. */
  fill(): void {
    const file = openSync(join(this.folder, 'filler'), 'a');
    try {
      for (;;) writeSync(file, Buffer.alloc(pageBytes));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    } finally {
      closeSync(file);
    }
  }

  /** Gives it back. */
  empty(): void {
    rmSync(join(this.folder, 'filler'), { force: true });
  }

  /** To be called when nobody uses it any more. */
  async unmount(): Promise<void> {
    await this.keeper.stop();
    rmdirSync(this.mountPoint);
  }
}

/** The files of a peer that have to do with a share, by the end of their names: shards, hashes, manifests. */
export function filesOf(peer: TestPeer, { shareId }: ShareInfo, end = ''): string[] {
  return ['shards', 'staging']
    .flatMap((folder) => filesBelow(join(peer.seenDir, folder)))
    .filter((file) => file.includes(shareId) && file.endsWith(end));
}

/** The one peer that holds a shard, and its file. */
export function holderOf(
  group: TestGroup,
  share: ShareInfo,
  shard: number,
): { readonly holder: TestPeer; readonly file: string } {
  for (const holder of group.peers) {
    const [file] = filesOf(holder, share, `.${String(shard)}.shard`);
    if (file !== undefined) return { holder, file };
  }
  assert.fail(`nobody holds shard ${String(shard)}`);
}

/** Where a chunk lies in its shard file. */
export function positionOf(chunk: number): number {
  return (chunk + 1) * sectorBytes;
}

export function readChunk(file: string, chunk: number): Buffer {
  return readFileSync(file).subarray(positionOf(chunk), positionOf(chunk + 1));
}

export function writeChunk(file: string, chunk: number, bytes: Uint8Array): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, sectorBytes, positionOf(chunk));
  closeSync(handle);
}

/** What a holder has come to: it has made room for a shard, has the first piece, or all, and is about to promise it. */
export type Moment = 'room' | 'piece' | 'whole';

/** Calls back, once, when a peer that receives a shard has come to a moment. @returns what ends the waiting */
export function whenStaged(peer: TestPeer, moment: Moment, act: () => void): { dispose(): void } {
  const watcher = watch(join(peer.seenDir, 'staging'), (event, name) => {
    if (name?.endsWith(moment === 'whole' ? '.hashes' : '.shard') !== true) return;
    if (moment === 'piece' && event !== 'change') return;
    watcher.close();
    act();
  });
  return {
    dispose: () => {
      watcher.close();
    },
  };
}
