import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ShareInfo, UpkeepValues } from '../../src/control/contract.js';
import { verifyResult } from '../e2e/results.js';
import { flipByte, writeRandomFile } from '../support/files.js';
import { TestGroup } from '../support/peers.js';
import { shareNow } from './support/calls.js';
import { filesOf, holderOf, positionOf } from './support/disk.js';

/** All of the disk in a second, instead of a month. */
const impatient: UpkeepValues = { everyMs: 200, scrubMs: 1000 };

describe('fault 07: bit rot is found by reading everything now and then, named, and healed from others', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let share: ShareInfo;

  before(async () => {
    group = await TestGroup.start(4);
    const source = join(group.filesDir, 'rotten.bin');
    await writeRandomFile(source, 3_000_000);
    share = await shareNow(group.get(0), source, '2+1');
    await Promise.all(group.peers.map((peer) => peer.lists(share.shareId)));
  });

  after(() => group.dispose());

  it('in chunks of several pieces, and in the hashes beside another shard', async () => {
    const [one, other] = [holderOf(group, share, 0), holderOf(group, share, 2)];
    const [hashes = assert.fail()] = filesOf(other.holder, share, '.2.hashes');
    const files = [one.file, other.file, hashes];
    const before = files.map((file) => readFileSync(file));
    const rotten = [11, 12, share.chunksPerShard - 1];
    for (const chunk of rotten) flipByte(one.file, positionOf(chunk) + 200);
    flipByte(hashes, 40);

    const author = group.get(0);
    const report = verifyResult(await author.cli(['verify', share.shareId]));
    assert.deepEqual([report.ok, report.recoverable], [false, true]);
    const named = report.shards.filter(({ status }) => status !== 'ok');
    assert.deepEqual(
      named.map(({ name, status, badChunks }) => ({ name, status, badChunks })),
      [{ name: one.holder.name, status: 'damaged', badChunks: rotten }],
    );

    for (const { holder } of [one, other]) {
      await (await holder.client()).request('configure', { upkeep: impatient });
    }
    const isHealed = (): boolean =>
      files.every((file, at) => readFileSync(file).equals(before[at] ?? assert.fail()));
    await other.holder.until(isHealed, 'and another one heal what they hold');
    await author.ok(['verify', share.shareId]);
  });

  it('when a shard and its hashes both rotted, and when both are gone, while the holder runs', async () => {
    const { holder, file } = holderOf(group, share, 1);
    const [hashes = assert.fail()] = filesOf(holder, share, '.1.hashes');
    const files = [file, hashes];
    const before = files.map((one) => readFileSync(one));
    await (await holder.client()).request('configure', { upkeep: impatient });
    const isHealed = (): boolean =>
      files.every(
        (one, at) => existsSync(one) && readFileSync(one).equals(before[at] ?? assert.fail()),
      );
    flipByte(hashes, 40);
    flipByte(file, positionOf(5) + 200);
    await holder.until(isHealed, 'and mends shard and hashes');
    for (const one of files) rmSync(one);
    await holder.until(isHealed, 'and makes shard and hashes anew');
    await group.get(0).ok(['verify', share.shareId]);
  });

  it('when all who are left are damaged, each in another place', async () => {
    const places = [5, Math.floor(share.chunksPerShard / 2), share.chunksPerShard - 1];
    const all = places.map((chunk, shard) => ({ chunk, ...holderOf(group, share, shard) }));
    const [one = assert.fail()] = all;
    // Nobody else looks after its own before this one has seen that nothing is whole.
    for (const { holder } of all) {
      await (await holder.client()).request('configure', { upkeep: { everyMs: 3_600_000 } });
    }
    const before = all.map(({ file }) => readFileSync(file));
    const isWhole = (at: number): boolean =>
      readFileSync(all[at]?.file ?? '').equals(before[at] ?? assert.fail());
    for (const { chunk, file } of all) flipByte(file, positionOf(chunk) + 200);
    const report = verifyResult(await one.holder.cli(['verify', share.shareId]));
    assert.deepEqual([report.ok, report.recoverable], [false, false]);
    const upkeep = { everyMs: 200, patienceMs: 200, scrubMs: 30 * 24 * 3_600_000 };
    await (await one.holder.client()).request('configure', { upkeep });
    await one.holder.until(() => isWhole(0), 'and heals what it holds');
    for (const { holder } of all) {
      await (await holder.client()).request('configure', { upkeep: { ...upkeep, ...impatient } });
    }
    await one.holder.until(() => all.every((_, at) => isWhole(at)), 'and so do the others');
    await group.get(0).ok(['verify', share.shareId]);
  });
});
