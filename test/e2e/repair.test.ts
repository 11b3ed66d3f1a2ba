import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  LeaveResult,
  RepairResult,
  ShareInfo,
  UpkeepValues,
} from '../../src/control/contract.js';
import { flipByte, sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { waitFor } from '../support/waitFor.js';
import { getFile, mapOf, shareFile, verifyResult } from './results.js';
import { filesBelow } from './scan.js';

/** Everything at once, instead of within days. */
const impatient: UpkeepValues = {
  ...{ everyMs: 200, patienceMs: 0, turnMs: 500, graceMs: 500, graceOthersMs: 500, scrubMs: 2000 },
};

describe('upkeep by real peers', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let author: TestPeer;
  let source: string;
  let share: ShareInfo;
  before(async () => {
    group = await TestGroup.start(6);
    author = group.get(0);
    source = join(group.filesDir, 'kept.bin');
    await writeRandomFile(source, 3_000_000);
    share = await shareFile(author, source, '--redundancy', '2+2');
    await Promise.all(group.peers.map((peer) => peer.lists(share.shareId)));
  });
  after(() => group.dispose());

  const running = (): TestPeer[] => group.peers.filter((peer) => peer.running);
  const hurry = async (peers: readonly TestPeer[]): Promise<void> => {
    for (const peer of peers) {
      await (await peer.client()).request('configure', { upkeep: impatient });
    }
  };
  /** Waits until a peer knows of exactly these shards, each with one of `who`. */
  const untilHeldBy = async (on: TestPeer, who: readonly TestPeer[]): Promise<void> => {
    const client = await on.client();
    const names = who.map(({ name }) => name);
    await waitFor(
      client,
      async () => {
        const { holders } = await client.request('find', { share: share.shareId });
        return (
          holders.length === 4 &&
          new Set(holders.map(({ shard }) => shard)).size === 4 &&
          holders.every(({ name }) => names.includes(name))
        );
      },
      `four holders among ${names.join(', ')}`,
    );
  };
  const holders = async (on: TestPeer): Promise<TestPeer[]> => {
    const { runs } = await mapOf(on, share.shareId);
    return runs.map(
      ({ name }) => group.peers.find((peer) => peer.name === name) ?? assert.fail(name),
    );
  };
  const assertWhole = async (on: TestPeer): Promise<void> => {
    // One that is being moved is held by two for a moment, and dropped by one of them while it is asked.
    let last = '';
    await waitFor(
      await on.client(),
      async () => {
        const result = await on.cli(['verify', share.shareId]);
        last = result.stdout;
        return result.code === 0;
      },
      'all shards to be whole',
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${last}`);
    });
    const report = verifyResult(await on.ok(['verify', share.shareId]));
    assert.equal(new Set(report.shards.map(({ shard }) => shard)).size, 4);
    const target = join(group.root, `from-${on.name}`);
    await getFile(on, share.shareId, target, '--force');
    assert.equal(await sha256File(target), await sha256File(source));
  };

  it('finds a rotten chunk by itself, names it in the log, and heals it from others', async () => {
    const [holder = assert.fail()] = await holders(author);
    const file =
      filesBelow(join(holder.dataDir, 'shards')).find((one) => one.endsWith('.shard')) ??
      assert.fail();
    const before = readFileSync(file);
    const index = 777;
    flipByte(file, 512 + index * 512 + 200);
    await hurry([holder]);
    // Its owner looks by itself; asked, it only tells. Each answer is news to its clients, and it is asked again.
    await waitFor(
      await holder.client(),
      async () => {
        const verified = await holder.cli(['verify', share.shareId]);
        return verified.code === 0;
      },
      'the chunk to be healed',
    );
    assert.deepEqual(readFileSync(file), before);
    assert.ok(holder.log.includes('rotten piece on this disk'), holder.log);
    assert.ok(holder.log.includes(share.shareId));
    assert.ok(holder.log.includes(String(index)));
  });

  it('brings everything to others before a peer leaves', async () => {
    const [, leaver = assert.fail()] = await holders(author);
    const left = (await leaver.ok(['leave'])).last as unknown as LeaveResult;
    assert.deepEqual([left.safe, left.moved, left.behind], [true, 1, []]);
    const rest = group.peers.filter((peer) => peer !== leaver);
    await untilHeldBy(author, rest);
    assert.ok(!filesBelow(leaver.dataDir).some((file) => file.endsWith('.shard')));
    await leaver.stop();
    await assertWhole(author);
    await leaver.serve();
    await leaver.ok(['leave', '--undo']);
    await group.meet();
  });

  it('makes anew what a dead holder had, without the author, and settles with it when it comes back', async () => {
    const dead = (await holders(author)).find((peer) => peer !== author) ?? assert.fail();
    await Promise.all([dead.kill(), author.stop()]);
    const alive = running();
    await hurry(alive);
    const [one = assert.fail(), other = assert.fail()] = alive;
    // Its word still stands in the list until it is declared lost; the others hold all four without it.
    const client = await one.client();
    await waitFor(
      client,
      async () => {
        const known = (await client.request('find', { share: share.shareId })).holders;
        const without = known.filter(({ name }) => name !== dead.name);
        return new Set(without.map(({ shard }) => shard)).size === 4;
      },
      'four shards without the dead one',
    );
    const target = join(group.root, 'without-them');
    await getFile(other, share.shareId, target, '--force');
    assert.equal(await sha256File(target), await sha256File(source));

    await Promise.all([dead.serve(), author.serve()]);
    await group.meet();
    await hurry([dead]);
    await untilHeldBy(one, group.peers);
    await untilHeldBy(author, group.peers);
    await assertWhole(author);
  });

  it('repairs at once what it is told to, and says who has it', async () => {
    const dead = (await holders(author)).find((peer) => peer !== author) ?? assert.fail();
    for (const peer of running()) {
      const calm = { everyMs: 60_000, graceMs: 1e9, graceOthersMs: 1e9 };
      await (await peer.client()).request('configure', { upkeep: calm });
    }
    await dead.kill();
    const [one = assert.fail()] = running();
    const patient = (await one.ok(['repair'])).last as unknown as RepairResult;
    assert.deepEqual(patient, { event: 'result', shares: [], ok: true });
    const result = (await one.ok(['repair', share.name, '--now'])).last as unknown as RepairResult;
    const [repaired = assert.fail()] = result.shares;
    assert.deepEqual([repaired.live, repaired.total, result.ok], [4, 4, true]);
    assert.deepEqual(
      repaired.shards.map(({ outcome }) => outcome),
      ['made'],
    );
    assert.notEqual(repaired.shards[0]?.name, dead.name);
  });
});
