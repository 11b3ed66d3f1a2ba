import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShareOfPath } from '../../src/control/contract.js';
import { PeerError } from '../../src/common/errors.js';
import type { TestGroup, TestPeer } from '../support/peers.js';
import { sixPeers } from './group.js';
import { shareFile } from './results.js';

describe('what was shared of a local path', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let mine: string;
  let theirs: string;

  before(async () => {
    group = await sixPeers();
    mine = join(group.filesDir, 'mine');
    theirs = join(group.filesDir, 'theirs');
    for (const folder of [mine, theirs]) mkdirSync(join(folder, 'docs'), { recursive: true });
  });

  async function sharesOf(peer: TestPeer, path: string): Promise<readonly ShareOfPath[]> {
    const client = await peer.client();
    return (await client.request('sharesOf', { path })).shares;
  }

  it('is the newest version of its own first, then the folders around it, then what else bears its name', async () => {
    const [alice, bob] = [group.get(0), group.get(1)];
    const file = join(mine, 'docs', 'plan.md');
    writeFileSync(file, 'first\n');
    await shareFile(alice, file);
    writeFileSync(file, 'second\n');
    const newest = await shareFile(alice, file);
    const folder = await shareFile(alice, mine);
    const other = join(theirs, 'docs', 'plan.md');
    writeFileSync(other, 'bob’s\n');
    const bobs = await shareFile(bob, other);
    await alice.lists(bobs.shareId);
    await bob.lists(newest.shareId);

    const found = async (peer: TestPeer): Promise<readonly unknown[]> =>
      (await sharesOf(peer, file)).map(({ share, fromHere, entry }) => [
        share.shareId,
        fromHere,
        entry,
      ]);
    assert.deepEqual(await found(alice), [
      [newest.shareId, true, null],
      [folder.shareId, true, 'docs/plan.md'],
      [bobs.shareId, false, null],
    ]);
    // That alice shared this path, bob cannot tell: he finds what bears its name.
    assert.deepEqual(await found(bob), [
      [bobs.shareId, false, null],
      [newest.shareId, false, null],
    ]);
    const link = join(mine, 'link.md');
    symlinkSync(file, link);
    assert.equal((await sharesOf(alice, link))[0]?.share.shareId, newest.shareId);
  });

  it('is nothing for a file that nobody shared, and an error where there is none', async () => {
    const alice = group.get(0);
    const file = join(theirs, 'unheard-of.txt');
    writeFileSync(file, 'x');
    assert.deepEqual(await sharesOf(alice, file), []);
    await assert.rejects(sharesOf(alice, join(theirs, 'gone.txt')), (error: unknown) =>
      PeerError.is(error, 'not-found'),
    );
  });
});
