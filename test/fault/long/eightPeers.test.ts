import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ShareInfo, UpkeepValues } from '../../../src/control/contract.js';
import { sha256File, writeRandomFile } from '../../support/files.js';
import { TestGroup, type TestPeer } from '../../support/peers.js';
import { waitFor } from '../../support/waitFor.js';

/** Within seconds what takes days otherwise. */
const impatient: UpkeepValues = {
  ...{ everyMs: 300, patienceMs: 300, turnMs: 1000, graceMs: 1500, graceOthersMs: 1500 },
};
const fileCount = 200;
/** Shards of each, with seven others at hand: `auto`. */
const shardCount = 6;
const atOnce = 8;
const deadlineMs = 300_000;

/**
 * Eight peers: an author and an admin who have the key, and six machines that only store and never had one. The three that
 * die are the author and two of those; while the rest repairs, the admin is switched off.
 */
describe('eight peers with two hundred files', function () {
  this.timeout(600_000);
  let group: TestGroup;
  let admin: TestPeer;
  let author: TestPeer;
  const stores: TestPeer[] = [];
  const shares: ShareInfo[] = [];
  before(async () => {
    group = await TestGroup.start(2);
    [admin, author] = [group.get(0), group.get(1)];
    for (const name of ['nas1', 'nas2', 'nas3', 'nas4', 'nas5', 'nas6']) {
      const store = group.newcomer(name);
      const code = await group.invite('--role', 'storage');
      await store.ok(['join', '-', '--name', name], { stdin: `${code}\n` });
      group.peers.push(store);
      stores.push(store);
      await store.serve();
    }
    await group.meet();
    await inLanes(Array.from({ length: fileCount }).keys(), async (number) => {
      const path = join(group.filesDir, `file${number}.bin`);
      await writeRandomFile(path, number * 500);
      const client = await author.client();
      const { share } = await client.request('share', { transferId: randomUUID(), path });
      shares.push(share);
    });
  });
  after(() => group.dispose());

  const survivors = (): TestPeer[] => stores.filter(({ running }) => running);
  /** For good: its disk goes with it. */
  const lose = async (peer: TestPeer): Promise<void> => {
    await peer.kill();
    rmSync(peer.dataDir, { recursive: true });
  };
  /** Waits until so many different shards of every file are with peers that are there. */
  const untilLive = async (on: TestPeer, wanted: number): Promise<void> => {
    const client = await on.client();
    let last = '';
    const isLive = async (): Promise<boolean> => {
      const page = await client.request('shares', { cursor: null, limit: 1000 });
      const live = page.shares.map(({ holders }) => {
        const there = holders.filter(({ online }) => online);
        return new Set(there.map(({ shard }) => shard)).size;
      });
      last = `${live.filter((count) => count >= wanted).length} of ${live.length}`;
      return live.length === fileCount && live.every((count) => count >= wanted);
    };
    await waitFor(client, isLive, `${wanted} shards of every file`, deadlineMs).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}: ${last}`);
      },
    );
  };

  it('starts with six shards of each, on machines that read none of it', async () => {
    assert.equal(shares.length, fileCount);
    assert.ok(shares.every(({ k, m }) => k + m === shardCount));
    for (const store of stores) {
      await untilLive(store, shardCount);
      const client = await store.client();
      const { shares: listed } = await client.request('list', { cursor: null, limit: 5000 });
      assert.ok(listed.every(({ name }) => name === ''));
    }
  });

  it('makes anew what it misses when the author has died, and nobody runs who has the key', async () => {
    await Promise.all(group.peers.map(hurry));
    await lose(author);
    await admin.stop();
    for (const store of survivors()) await untilLive(store, shardCount);
  });

  for (const left of [5, 4]) {
    it(`keeps ${left} shards of each when ${left} machines are left, and still no key`, async () => {
      await lose(survivors()[0] ?? assert.fail());
      for (const store of survivors()) await untilLive(store, left);
    });
  }

  it('gives a newcomer its part, and all six shards are proved again', async () => {
    const dead = [author, ...stores.filter(({ running }) => !running)];
    await admin.serve();
    await admin.meets(survivors());
    const client = await admin.client();
    const { peers } = await client.request('peers', null);
    for (const { name } of dead) {
      const { nodeId } = peers.find((one) => one.name === name) ?? assert.fail(name);
      await client.request('lost', { nodeId });
    }
    const newcomer = await group.add('newcomer');
    await hurry(newcomer);
    await untilLive(newcomer, shardCount);
    await inLanes(shares, async ({ shareId, name }) => {
      const reader = await newcomer.client();
      const about = { transferId: randomUUID(), share: shareId };
      const { shards, ok } = await reader.request('verify', about);
      assert.ok(ok, `${name}: ${JSON.stringify(shards)}`);
      assert.equal(new Set(shards.map(({ shard }) => shard)).size, shardCount);
      assert.equal(new Set(shards.map(({ nodeId }) => nodeId)).size, shardCount);
    });
  });

  it('brings every file byte for byte to the newcomer', async () => {
    const newcomer = group.peers.at(-1) ?? assert.fail();
    const client = await newcomer.client();
    const dead = new Set(
      [author, ...stores.filter(({ running }) => !running)].map((one) => one.name),
    );
    await inLanes(shares, async ({ shareId, name }) => {
      const path = join(group.root, `got ${name}`);
      const about = { transferId: randomUUID(), share: shareId, path };
      const { from } = await client.request('get', about);
      assert.ok(Object.keys(from).every((holder) => !dead.has(holder)));
      assert.equal(await sha256File(path), await sha256File(join(group.filesDir, name)));
    });
  });
});

async function hurry(peer: TestPeer): Promise<void> {
  await (await peer.client()).request('configure', { upkeep: impatient });
}

async function inLanes<T>(items: Iterable<T>, task: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await task(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
