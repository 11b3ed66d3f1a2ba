import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ShareInfo, UpkeepValues } from '../../src/control/contract.js';
import { filesBelow } from '../e2e/scan.js';
import { verifyResult } from '../e2e/results.js';
import { writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { waitFor } from '../support/waitFor.js';
import { shareNow } from './support/calls.js';

/** Everything at once, instead of within days; whoever sees something missing does not wait for others. */
const impatient: UpkeepValues = {
  ...{ everyMs: 150, patienceMs: 0, turnMs: 0, graceMs: 400, graceOthersMs: 400 },
};
const total = 4;
const lookEveryMs = 10;

describe('fault 40: two who believe that they are surplus, or repair the same shard, never leave fewer than n', () => {
  let group: TestGroup;
  let author: TestPeer;
  let made: ShareInfo;
  before(async () => {
    group = await TestGroup.start(6);
    author = group.get(0);
    const file = join(group.filesDir, 'a file');
    await writeRandomFile(file, 1_500_000);
    made = await shareNow(author, file, '2+2');
    await Promise.all(group.peers.map((peer) => peer.lists(made.shareId)));
    await hurry(group.peers);
  });
  after(() => group.dispose());

  const hurry = async (peers: readonly TestPeer[]): Promise<void> => {
    for (const peer of peers) {
      await (await peer.client()).request('configure', { upkeep: impatient });
    }
  };
  /** Shards by number that lie complete on the disks of peers that run; how many of each. */
  const onDisks = (): Map<number, number> => {
    const counts = new Map<number, number>();
    for (const peer of group.peers.filter(({ running }) => running)) {
      const committed = filesBelow(join(peer.dataDir, 'shards'));
      if (!committed.some((file) => file.endsWith(`${made.shareId}.manifest`))) continue;
      for (const file of committed) {
        const [, shard] = new RegExp(`${made.shareId}\\.(\\d+)\\.shard$`).exec(file) ?? [];
        if (shard !== undefined) counts.set(Number(shard), (counts.get(Number(shard)) ?? 0) + 1);
      }
    }
    return counts;
  };
  /** Waits until each shard is held once, by somebody else, as this peer knows it and on the disks. */
  const settled = async (on: TestPeer): Promise<void> => {
    const client = await on.client();
    await waitFor(
      client,
      async () => {
        const { holders } = await client.request('find', { share: made.shareId });
        return (
          holders.length === total &&
          new Set(holders.map(({ shard }) => shard)).size === total &&
          new Set(holders.map(({ nodeId }) => nodeId)).size === total &&
          [...onDisks().values()].every((count) => count === 1) &&
          onDisks().size === total
        );
      },
      'every shard to be held once',
    );
  };
  /** Looks at the disks all the time while something goes on. @returns the fewest different shards that were seen */
  const fewestDuring = async (task: () => Promise<void>): Promise<number> => {
    let fewest = onDisks().size;
    const timer = setInterval(() => {
      fewest = Math.min(fewest, onDisks().size);
    }, lookEveryMs);
    try {
      await task();
    } finally {
      clearInterval(timer);
    }
    return Math.min(fewest, onDisks().size);
  };
  const someHolder = async (): Promise<TestPeer> => {
    const { holders } = await (await author.client()).request('find', { share: made.shareId });
    const names = holders.map(({ name }) => name).filter((name) => name !== author.name);
    return group.peers.find(({ name }) => names.includes(name)) ?? assert.fail();
  };

  it('a shard that several set out to repair at once ends up with one of them', async () => {
    const gone = await someHolder();
    await gone.kill();
    await waitFor(
      await author.client(),
      () => Promise.resolve(onDisks().size === total),
      'the lost shard to be made anew',
    );
    const running = group.peers.filter((peer) => peer.running);
    const repairs = running.map(async (peer) => peer.cli(['repair', made.name, '--now']));
    for (const { code } of await Promise.all(repairs)) assert.ok(code === 0 || code === 4);
    assert.equal(onDisks().size, total);
  });

  it('what is held twice when a holder returns is dropped by one of the two, never by both', async () => {
    const fewest = await fewestDuring(async () => {
      for (const peer of group.peers.filter(({ running }) => !running)) {
        await peer.serve();
        await hurry([peer]);
      }
      await group.meet();
      await settled(author);
    });
    assert.equal(fewest, total);
    const report = verifyResult(await author.ok(['verify', made.shareId]));
    assert.deepEqual(
      report.shards.map(({ status }) => status),
      new Array(total).fill('ok'),
    );
  });
});
