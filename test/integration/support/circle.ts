import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Disposable } from '../../../src/common/disposable.js';
import { silentLogger } from '../../../src/common/logger.js';
import { Peer } from '../../../src/peer/peer.js';
import type { ShareRepair } from '../../../src/peer/repair/repairer.js';
import type { UpkeepSettings } from '../../../src/peer/settings.js';
import { openStore } from '../../../src/store/openStore.js';
import type { HeldBy, Store } from '../../../src/store/store.js';
import { MemoryNetwork } from '../../net/memoryTransport.js';
import { Actor } from '../../peer/support/actor.js';
import { PeerFixture } from '../../peer/support/peerFixture.js';
import { startHere } from '../../peer/support/startHere.js';

/** One peer of a circle: it can be ended, and started again over the same data. */
export class Seat {
  #running: { readonly peer: Peer; readonly store: Store } | undefined;
  readonly actor: Actor;
  readonly dataDir: string;

  constructor(
    name: string,
    private readonly circle: Circle,
  ) {
    this.actor = new Actor(name);
    this.dataDir = circle.fixture.folder();
  }

  get nodeId(): string {
    return this.actor.nodeId;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get peer(): Peer {
    return this.#running?.peer ?? assert.fail(`${this.actor.name} does not run`);
  }

  get store(): Store {
    return this.#running?.store ?? assert.fail(`${this.actor.name} does not run`);
  }

  async start(): Promise<void> {
    const { network, fixture } = this.circle;
    const store = await openStore({ dataDir: this.dataDir, ...fixture.runtime }, startHere);
    const peer = await Peer.open({
      identity: this.actor,
      store,
      transport: network.transport(this.actor.spki),
      runtime: fixture.runtime,
      transfersDir: path.join(this.dataDir, 'transfers'),
      logger: silentLogger,
      foreground: true,
    });
    this.#running = { peer, store };
    const listen = peer.settings.current.listen;
    await peer.start(listen.startsWith('127.') ? listen : '127.0.0.1:0');
    await peer.settings.change({ listen: peer.mesh.listening });
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.peer.close();
  }

  /** How it looks after shards from now on. */
  async looksAfter(changes: Partial<UpkeepSettings>): Promise<void> {
    const { settings } = this.peer;
    await settings.change({ upkeep: { ...settings.current.upkeep, ...changes } });
  }

  /** Has a share repaired, or all that lack something. @param now whoever is away counts as gone */
  async repair(shareId: string | null, now = true): Promise<readonly ShareRepair[]> {
    const share = shareId === null ? null : { shareId, name: 'x' };
    return await this.peer.maintenance.repair('repair', share, now, new AbortController().signal);
  }

  /** The shard of a share that lies on its disk. */
  async shardOf(shareId: string): Promise<number | undefined> {
    const held = await this.store.shards.held(shareId);
    return held.find(({ state }) => state === 'committed')?.shard;
  }

  shardFile(shareId: string, shard: number): string {
    const name = `${shareId}.${String(shard)}.shard`;
    return path.join(this.dataDir, 'shards', shareId.slice(0, 2), name);
  }
}

/** Whole peers in this process, over links in memory and stores on the disk. The first made the group. */
export class Circle {
  readonly fixture = new PeerFixture();
  readonly network = new MemoryNetwork();
  readonly seats: Seat[] = [];
  #files = 0;

  /** So many members, who have met. */
  static async of(count: number): Promise<Circle> {
    const circle = new Circle();
    for (let at = 0; at < count; at++) await circle.add();
    return circle;
  }

  get(at: number): Seat {
    return this.seats[at] ?? assert.fail(`no peer ${String(at)}`);
  }

  get running(): Seat[] {
    return this.seats.filter(({ isRunning }) => isRunning);
  }

  /** One more member; connected to all that run. */
  async add(): Promise<Seat> {
    const seat = new Seat(`peer ${String(this.seats.length)}`, this);
    await seat.start();
    const [founder] = this.running;
    this.seats.push(seat);
    if (founder === undefined) await seat.peer.createGroup('team', seat.actor.name);
    else {
      const { code } = await founder.peer.invite('member', 60_000);
      await seat.peer.join(code, seat.actor.name);
    }
    await this.meet();
    return seat;
  }

  /** Waits until all that run are connected to each other, and know the same. */
  async meet(): Promise<void> {
    const { running } = this;
    for (const { peer } of running) {
      peer.mesh.refresh();
      await until(peer, () => peer.mesh.online().length >= running.length - 1, 'the others');
    }
  }

  /** A random file, shared by a member. @returns its share id. */
  async share(by: Seat, size: number, redundancy: string): Promise<string> {
    const file = path.join(this.fixture.root, `file-${String(this.#files++)}`);
    writeFileSync(file, randomBytes(size));
    const options = { redundancy, ignore: true, allowSecrets: false };
    const { signal } = new AbortController();
    const { shareId } = await by.peer.files.share(`share ${file}`, file, options, signal);
    for (const { peer } of this.running) {
      await until(peer, async () => (await peer.catalog.commitOf(shareId)) !== null, 'the share');
    }
    this.#digests.set(shareId, digest(file));
    return shareId;
  }

  /** Whoever holds it has it whole, and the file comes back on a member's machine. */
  async assertWhole(shareId: string, on: Seat): Promise<void> {
    const { signal } = new AbortController();
    const checks = await on.peer.maintenance.verify(`verify ${shareId}`, shareId, signal);
    assert.deepEqual(
      checks.map(({ status }) => status),
      checks.map(() => 'ok'),
    );
    await this.assertComes(shareId, on);
  }

  /** The file comes back on a member's machine. */
  async assertComes(shareId: string, on: Seat): Promise<void> {
    const { signal } = new AbortController();
    const target = path.join(this.fixture.folder(), 'got');
    const options = { overwrite: false, acceptSame: false, entries: null };
    await on.peer.files.get(`get ${target}`, shareId, target, options, signal);
    assert.equal(digest(target), this.#digests.get(shareId));
  }

  /** Who runs and holds a shard, by its disk, in the order of shards. */
  async holders(shareId: string): Promise<Seat[]> {
    const found: { seat: Seat; shard: number }[] = [];
    for (const seat of this.running) {
      const shard = await seat.shardOf(shareId);
      if (shard !== undefined) found.push({ seat, shard });
    }
    return found.sort((a, b) => a.shard - b.shard).map(({ seat }) => seat);
  }

  /** Who runs and has this shard on its disk. */
  async holder(shareId: string, shard: number): Promise<Seat> {
    return (await this.holders(shareId))[shard] ?? assert.fail('nobody holds it');
  }

  /** Who runs, without these. */
  others(...not: readonly Seat[]): Seat[] {
    return this.running.filter((seat) => !not.includes(seat));
  }

  /** Waits until what a member knows of the holders is what is wanted. */
  async untilHeld(
    shareId: string,
    on: Seat,
    wanted: (held: readonly HeldBy[]) => boolean,
  ): Promise<void> {
    const { catalog } = on.peer;
    await until(on.peer, async () => wanted(await catalog.heldBy([shareId])), 'its holders');
  }

  async dispose(): Promise<void> {
    await Promise.all(this.seats.map((seat) => seat.stop()));
    await this.fixture.remove();
  }

  readonly #digests = new Map<string, string>();
}

/** How many shards are held, each counted once. */
export function distinctShards(held: readonly HeldBy[]): number {
  return new Set(held.map(({ shard }) => shard)).size;
}

const deadlineMs = 40_000;

/** Looks again after everything that a peer tells. */
export async function until(
  peer: Peer,
  check: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  let wake: () => void = () => undefined;
  const subscriptions: Disposable[] = [
    peer.onDidChange(() => {
      wake();
    }),
  ];
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    for (;;) {
      const news = new Promise<void>((resolve, reject) => {
        wake = resolve;
        deadline.addEventListener('abort', () => {
          reject(new Error(`waited in vain for ${what}`));
        });
      });
      news.catch(() => undefined);
      if (await check()) return;
      await news;
    }
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
  }
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
