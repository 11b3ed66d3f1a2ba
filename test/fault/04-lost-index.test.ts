import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShareInfo } from '../../src/control/contract.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { getNow, namesOf, shareNow } from './support/calls.js';
import { filesOf } from './support/disk.js';

describe('fault 04: a damaged or lost index is made anew from the shards, and never means “deleted”', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let source: string;
  let share: ShareInfo;

  before(async () => {
    group = await TestGroup.start(3);
    source = join(group.filesDir, 'indexed.bin');
    await writeRandomFile(source, 1_500_000);
    share = await shareNow(group.get(0), source, '2+1');
    const peers = group.peers.map(({ address }) => address);
    for (const peer of group.peers) {
      await peer.lists(share.shareId);
      // Where others are is in the index as well; what the user configured is not only there.
      await (await peer.client()).request('configure', { peers });
    }
  });

  after(() => group.dispose());

  const assertWhole = async (): Promise<void> => {
    await group.meet();
    for (const peer of group.peers) {
      await peer.lists(share.shareId);
      assert.deepEqual(await namesOf(peer), ['indexed.bin']);
    }
    await group.get(1).ok(['verify', share.shareId]);
    const target = join(group.root, 'got');
    await getNow(group.get(2), share.shareId, target);
    assert.equal(await sha256File(target), await sha256File(source));
  };

  it('on one of them, which sets aside what is left of it', async () => {
    const damaged = group.get(1);
    const before = contentsOf(damaged, share);
    assert.ok(before.size > 0);
    await damaged.stop(); // so that all of it is in one file
    const index = join(damaged.dataDir, 'state.db');
    const bytes = readFileSync(index);
    writeFileSync(index, bytes.fill(0xa5, 4096));
    await damaged.serve();
    await assertWhole();
    assert.deepEqual(contentsOf(damaged, share), before);
    const aside = readdirSync(damaged.dataDir).filter((name) =>
      name.startsWith('state.db.damaged-'),
    );
    assert.ok(aside.length > 0);
  });

  it('on all of them at once', async () => {
    await Promise.all(group.peers.map((peer) => peer.kill()));
    for (const { dataDir } of group.peers) {
      for (const name of readdirSync(dataDir)) {
        if (/^state\.db(-|$)/.test(name)) rmSync(join(dataDir, name));
      }
    }
    await Promise.all(group.peers.map((peer) => peer.serve()));
    await assertWhole();
  });
});

function contentsOf(peer: TestPeer, share: ShareInfo): Map<string, Buffer> {
  return new Map(filesOf(peer, share).map((file) => [file, readFileSync(file)]));
}
