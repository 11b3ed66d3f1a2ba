import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { attach } from '../../../src/control/attach.js';
import type {
  ControlMethod,
  ControlRequests,
  ShareInfo,
  TransferInfo,
} from '../../../src/control/contract.js';
import { repository } from '../../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../../support/files.js';
import { TestGroup, type TestPeer } from '../../support/peers.js';
import { treeOf } from '../../support/trees.js';
import { untilTransfer } from '../../support/untilTransfer.js';
import { waitFor } from '../../support/waitFor.js';
import { CrashSwitch } from './crashSwitch.js';

const names = ['alice', 'bob', 'carol', 'dave', 'erin'] as const;
export type Name = (typeof names)[number];

/** So many turns of its threads without another crash point: what a peer did has come to its end. */
const quietTurns = 60;

/** A share that was told to be done, and what it is of. */
interface Kept {
  readonly shareId: string;
  readonly source: string;
}

/**
 * Five peers, each of which can be made to crash. Alice is the admin, Bob the author: with 2+2, the four others hold what he
 * shares.
 */
export class World {
  readonly #switches = new Map<TestPeer, CrashSwitch>();
  readonly #kept: Kept[] = [];
  #count = 0;

  private constructor(
    readonly group: TestGroup,
    private readonly orders: string,
  ) {}

  static async start(): Promise<World> {
    const orders = mkdtempSync(join(tmpdir(), 'crash-points-'));
    const [founder, ...others] = names.map((name) => ({
      name,
      crash: new CrashSwitch(join(orders, name)),
    }));
    const group = await TestGroup.start(1, founder?.crash.options);
    const world = new World(group, orders);
    try {
      await mkdir(join(group.root, 'got'));
      await Promise.all(others.map(({ name, crash }) => group.add(name, crash.options)));
      for (const [index, name] of names.entries()) {
        world.#switches.set(group.get(index), new CrashSwitch(join(orders, name)));
      }
      await group.meet();
      return world;
    } catch (error) {
      await world.dispose();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.group.dispose();
    rmSync(this.orders, { recursive: true, force: true });
  }

  get peers(): readonly TestPeer[] {
    return this.group.peers;
  }

  peer(name: Name): TestPeer {
    return this.group.get(names.indexOf(name));
  }

  switchOf(peer: TestPeer): CrashSwitch {
    return this.#switches.get(peer) ?? assert.fail(peer.name);
  }

  /** Another number each time: for names that nobody has had yet. */
  next(): number {
    return ++this.#count;
  }

  async newFile(bytes: number): Promise<string> {
    const file = join(this.group.filesDir, `file-${String(this.next())}.bin`);
    await writeRandomFile(file, bytes);
    return file;
  }

  /** An empty folder to fetch into. */
  async newFolder(): Promise<string> {
    const folder = join(this.group.root, 'got', String(this.next()));
    await mkdir(folder);
    return folder;
  }

  /**
   * Asks a peer over a channel of its own. It hears what the peer has answered before it died, whereas the one of
   * {@link TestPeer.client} is closed at once.
   */
  async ask<M extends ControlMethod>(
    peer: TestPeer,
    method: M,
    params: ControlRequests[M]['params'],
  ): Promise<ControlRequests[M]['result']> {
    const runtimeDir = join(repository, 'dist');
    const client = await attach({ dataDir: peer.dataDir, runtimeDir, start: false });
    try {
      return await client.request(method, params);
    } finally {
      client.dispose();
    }
  }

  /** Shares a file or folder, which is to be there until the end of all. */
  async share(author: TestPeer, source: string, redundancy: string): Promise<ShareInfo> {
    const transferId = randomUUID();
    const { share } = await this.ask(author, 'share', { transferId, path: source, redundancy });
    this.keep(share.shareId, source);
    await Promise.all(this.peers.map((peer) => peer.lists(share.shareId)));
    return share;
  }

  /** From now on this share must not be lost. */
  keep(shareId: string, source: string): void {
    this.#kept.push({ shareId, source });
  }

  /** It was deleted. */
  forget(shareId: string): void {
    this.#kept.splice(0, Infinity, ...this.#kept.filter((one) => one.shareId !== shareId));
  }

  /** Starts whoever does not run, and waits until all have met. */
  async restore(): Promise<void> {
    await Promise.all(this.peers.filter(({ running }) => !running).map((peer) => peer.serve()));
    await this.group.meet();
  }

  /** Waits until a peer does nothing of its own accord any more that makes something durable. */
  async quiet(peer: TestPeer): Promise<void> {
    const client = await peer.client();
    const crash = this.switchOf(peer);
    let known = -1;
    for (let turns = 0; turns < quietTurns; turns++) {
      await client.request('status', null);
      const { length } = crash.names;
      if (length > known) turns = 0;
      known = length;
    }
  }

  /** Waits until `check` is true, which is asked again after everything that any of the peers reports. */
  async together(check: () => Promise<boolean>, what: string): Promise<void> {
    const clients = await Promise.all(this.peers.map((peer) => peer.client()));
    await waitFor(clients, check, what);
  }

  /** Waits until everybody lists the same, older versions too. @returns the ids of shares of that name */
  async agreed(name: string): Promise<readonly string[]> {
    const list = async (peer: TestPeer): Promise<string> => {
      const query = { versions: true, cursor: null, limit: 5000 };
      const { shares } = await (await peer.client()).request('list', query);
      const lines = shares.map((share) => `${share.shareId} ${share.name}`);
      return lines.sort().join('\n');
    };
    let first = '';
    await this.together(async () => {
      const lists = await Promise.all(this.peers.map(list));
      first = lists[0] ?? '';
      return lists.every((one) => one === first);
    }, 'everybody to list the same');
    const lines = first.split('\n').map((line) => line.split(' '));
    return lines.flatMap(([id = '', of]) => (of === name ? [id] : []));
  }

  /** The transfers that a peer goes on with when it runs again: it does not run, and nothing of it is touched. */
  keptBy(peer: TestPeer): readonly string[] {
    const copy = mkdtempSync(join(this.orders, 'state-'));
    for (const part of ['state.db', 'state.db-wal']) {
      const file = join(peer.dataDir, part);
      if (existsSync(file)) copyFileSync(file, join(copy, part));
    }
    const database = new DatabaseSync(join(copy, 'state.db'));
    const rows = database.prepare('SELECT transferId FROM transfers').all();
    database.close();
    return rows.map((row) => String(row['transferId']));
  }

  /** Waits until a transfer is as it is wanted. @throws AssertionError when it failed */
  async transfer(
    peer: TestPeer,
    transferId: string,
    isSo: (transfer: TransferInfo) => boolean,
  ): Promise<TransferInfo> {
    return await untilTransfer(await peer.client(), transferId, isSo);
  }

  /** Fetches a share and holds it against what was shared. */
  async assertFetched(getter: TestPeer, shareId: string, source: string): Promise<void> {
    const target = join(await this.newFolder(), 'target');
    await this.ask(getter, 'get', { transferId: randomUUID(), share: shareId, path: target });
    await assertSame(source, target);
    rmSync(target, { recursive: true });
  }

  /** Everything that was told to be done can still be fetched. */
  async assertNothingLost(): Promise<void> {
    for (const { shareId, source } of this.#kept) {
      await this.assertFetched(this.peer('erin'), shareId, source);
    }
  }
}

/** Whether a file, or a folder with all that is in it, is byte for byte what was shared. */
export async function assertSame(source: string, target: string): Promise<void> {
  if (readdirOrNull(source) !== null) assert.deepEqual(treeOf(target), treeOf(source));
  else assert.equal(await sha256File(target), await sha256File(source), target);
}

function readdirOrNull(folder: string): readonly string[] | null {
  try {
    return readdirSync(folder);
  } catch {
    return null; // a file
  }
}
