import assert from 'node:assert/strict';
import { join } from 'node:path';
import { assertFails } from '../e2e/results.js';
import { writeRandomFile } from '../support/files.js';
import { TestGroup } from '../support/peers.js';
import { namesOf, shareNow } from './support/calls.js';
import { filesOf } from './support/disk.js';

describe('fault 17: what was deleted while a holder was away stays deleted when it returns', function () {
  this.timeout(120_000);
  let group: TestGroup;

  before(async () => {
    group = await TestGroup.start(4);
  });

  after(() => group.dispose());

  it('also when who deleted it is gone by then, and several that were away meet first', async () => {
    const [author, witness, ...away] = group.peers;
    assert.ok(author && witness);
    const source = join(group.filesDir, 'away.bin');
    await writeRandomFile(source, 100_000);
    const share = await shareNow(author, source, 'copies:4');
    for (const peer of group.peers) await peer.lists(share.shareId);
    await Promise.all(away.map((peer) => peer.stop()));
    await author.ok(['rm', share.shareId, '--yes']);
    await witness.forgets(share.shareId);
    await Promise.all([author.stop(), witness.stop()]);

    // What neither of these two knows they cannot hide.
    await Promise.all(away.map((peer) => peer.serve()));
    for (const peer of away) {
      await peer.meets(away);
      assert.deepEqual(await namesOf(peer), ['away.bin']);
      assert.ok(filesOf(peer, share, '.shard').length > 0);
    }
    await witness.serve();
    for (const peer of away) {
      await peer.meets([witness]);
      await peer.forgets(share.shareId);
      await peer.until(() => filesOf(peer, share, '.manifest').length === 0, 'serves it no more');
      for (const verb of ['get', 'verify']) {
        assertFails(await peer.cli([verb, share.shareId]), 3, 'not-found');
      }
    }
    // Nobody tells it to those who knew.
    await author.serve();
    await group.meet();
    for (const peer of group.peers) assert.deepEqual(await namesOf(peer), [], peer.name);
  });
});
