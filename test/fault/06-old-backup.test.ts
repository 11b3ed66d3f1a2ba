import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ShareInfo } from '../../src/control/contract.js';
import { assertFails } from '../e2e/results.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { getNow, namesOf, shareNow } from './support/calls.js';
import { filesOf } from './support/disk.js';

describe('fault 06: a data directory from an old backup takes in what was deleted before it serves', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let source: string;

  before(async () => {
    group = await TestGroup.start(3);
    source = join(group.filesDir, 'report.bin');
  });

  after(() => group.dispose());

  /** Shares a file, copies the directory of `peer`, deletes the share, and puts the copy in place. */
  const restore = async (peer: TestPeer): Promise<ShareInfo> => {
    await writeRandomFile(source, 100_000);
    const share = await shareNow(group.get(0), source, 'copies:3');
    await peer.lists(share.shareId);
    await peer.stop();
    const backup = join(group.root, 'backup');
    cpSync(peer.dataDir, backup, { recursive: true });
    await peer.serve();
    await group.meet();
    await group.get(0).ok(['rm', share.shareId, '--yes']);
    for (const one of group.peers) await one.forgets(share.shareId);
    await peer.stop();
    rmSync(peer.dataDir, { recursive: true });
    cpSync(backup, peer.dataDir, { recursive: true });
    rmSync(backup, { recursive: true });
    assert.equal(filesOf(peer, share, '.manifest').length, 1);
    return share;
  };

  it('of a holder: it lists and serves nothing of it, and brings nothing back', async () => {
    const holder = group.get(1);
    const share = await restore(holder);
    await holder.serve();
    // Asked at once, before it has told anybody that it is there.
    for (const verb of ['get', 'map', 'verify']) {
      assertFails(await holder.cli([verb, share.shareId]), 3, 'not-found');
    }
    await group.meet();
    for (const peer of group.peers) assert.deepEqual(await namesOf(peer), [], peer.name);
    await holder.until(() => filesOf(holder, share, '.manifest').length === 0, 'hides it');
  });

  it('of the author: it learns of its own deletion, and what it shares next is heard of', async () => {
    const author = group.get(0);
    const old = await restore(author);
    await author.serve();
    assertFails(await author.cli(['map', old.shareId]), 3, 'not-found');
    await group.meet();
    await writeRandomFile(source, 70_000);
    const share = await shareNow(author, source);
    for (const peer of group.peers) {
      await peer.lists(share.shareId);
      await peer.forgets(old.shareId);
      assert.deepEqual(await namesOf(peer), ['report.bin'], peer.name);
    }
    const target = join(group.root, 'report');
    await getNow(group.get(2), share.shareId, target);
    assert.equal(await sha256File(target), await sha256File(source));
  });
});
