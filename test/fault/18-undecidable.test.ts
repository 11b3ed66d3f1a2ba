import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ShareInfo, UpkeepValues } from '../../src/control/contract.js';
import { flipByte, sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { getNow, shareNow } from './support/calls.js';
import { filesOf, positionOf } from './support/disk.js';

/** As often as can be, and nobody is waited for. */
const impatient: UpkeepValues = {
  ...{ everyMs: 100, scrubMs: 1000, patienceMs: 0, turnMs: 0, graceMs: 0, graceOthersMs: 0 },
};

describe('fault 18: what cannot be decided deletes nothing', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let author: TestPeer;
  let holder: TestPeer;
  const shares: ShareInfo[] = [];
  /** Files of a share that nobody ever heard of, and of nobody. */
  const strange: string[] = [];

  before(async () => {
    group = await TestGroup.start(3);
    [author, holder] = [group.get(0), group.get(1)];
    for (const name of ['rotten', 'nameless', 'headless']) {
      const source = join(group.filesDir, name);
      await writeRandomFile(source, 100_000);
      const share = await shareNow(author, source, 'copies:2');
      await holder.lists(share.shareId);
      shares.push(share);
    }
    await Promise.all(group.peers.map((peer) => peer.stop()));
  });

  after(() => group.dispose());

  it('of what makes no sense on a disk, while nobody can be asked', async () => {
    const [rotten, nameless, headless] = shares;
    assert.ok(rotten && nameless && headless);
    const [shard = assert.fail()] = filesOf(holder, rotten, '.shard');
    flipByte(shard, positionOf(3));
    flipByte(shard.replace(/shard$/, 'hashes'), 5);
    flipByte(filesOf(holder, nameless, '.manifest')[0] ?? assert.fail(), 100);
    flipByte(filesOf(holder, headless, '.shard')[0] ?? assert.fail(), 30);
    const id = randomBytes(16).toString('hex');
    strange.push(
      join(dirname(shard), `${id}.0.shard`),
      join(dirname(shard), 'notes of somebody.txt'),
      join(holder.dataDir, 'staging', `${id}.1.shard`),
    );
    for (const file of strange) writeFileSync(file, randomBytes(2000));
    const files = [...shares.flatMap((share) => filesOf(holder, share)), ...strange];
    const before = files.map((file) => readFileSync(file));

    await holder.serve();
    await (await holder.client()).request('configure', { upkeep: impatient });
    const looks = (): number => holder.log.split(rotten.shareId).length - 1;
    await holder.until(() => looks() >= 3, 'looks at all of its disk again and again');
    for (const [index, file] of files.entries()) {
      assert.deepEqual(readFileSync(file), before[index], file);
    }
  });

  it('and of files: when the others are back, all of them come', async () => {
    await Promise.all([author, group.get(2)].map((peer) => peer.serve()));
    await group.meet();
    for (const { shareId, name, sha256 } of shares) {
      const target = join(group.root, name);
      await getNow(author, shareId, target);
      assert.equal(await sha256File(target), sha256);
    }
    assert.ok(strange.every((file) => existsSync(file)));
  });
});
