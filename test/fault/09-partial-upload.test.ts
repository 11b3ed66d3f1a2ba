import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { assertFails } from '../e2e/results.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { waitFor } from '../support/waitFor.js';
import { getNow, namesOf, shareNow } from './support/calls.js';
import { filesOf, whenStaged } from './support/disk.js';

// That staging expires in time is shown with the time of a test: test/peer/serve/holderService.test.ts.
describe('fault 09: what is not committed is invisible; what was promised is asked for', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let author: TestPeer;
  let holder: TestPeer;
  let others: readonly TestPeer[];

  before(async () => {
    group = await TestGroup.start(4);
    author = group.get(0);
    holder = group.get(1);
    others = group.peers.slice(2);
    await shareNow(author, await newFile('first.bin', 1000), copies);
  });

  after(() => group.dispose());

  const copies = 'copies:3';
  const newFile = async (name: string, size: number): Promise<string> => {
    const file = join(group.filesDir, name);
    await writeRandomFile(file, size);
    return file;
  };

  it('of an author that is gone: nobody lists it, also after a restart', async () => {
    const name = 'partial.bin';
    let killed: Promise<void> | undefined;
    const staged = whenStaged(holder, 'room', () => {
      holder.signal('SIGSTOP'); // so that it cannot be done before
      killed = author.kill();
    });
    const result = await author.cli([
      'share',
      await newFile(name, 4 << 20),
      '--redundancy',
      copies,
    ]);
    staged.dispose();
    holder.signal('SIGCONT');
    await (killed ?? assert.fail('nothing was staged'));
    assert.notEqual(result.code, 0);

    const holders = [holder, ...others];
    for (const restart of [false, true]) {
      if (restart) await Promise.all(holders.map((peer) => peer.stop()));
      if (restart) await Promise.all(holders.map((peer) => peer.serve()));
      for (const peer of holders) {
        assert.deepEqual(await namesOf(peer), ['first.bin'], peer.name);
        assertFails(await peer.cli(['get', name, '-o', join(group.root, name)]), 3, 'not-found');
      }
    }
    // It waits there, in case that its author comes back.
    assert.ok(readdirSync(join(holder.dataDir, 'staging')).length > 0);
    await author.serve();
    await group.meet();
    // It would go on with it, in the midst of what comes next.
    const client = await author.client();
    const { transfers } = await client.request('transfers', null);
    for (const { transferId } of transfers) await client.request('cancel', { transferId });
  });

  it('of a holder that was gone when COMMIT came: it takes it from the others, and serves', async () => {
    let killed: Promise<void> | undefined;
    const staged = whenStaged(holder, 'whole', () => {
      killed = holder.kill();
    });
    const source = await newFile('promised.bin', 500_000);
    const share = await shareNow(author, source, copies);
    staged.dispose();
    await (killed ?? assert.fail('nothing was staged'));
    assert.deepEqual(filesOf(holder, share, '.manifest'), []);

    await holder.serve();
    await (await holder.client()).request('configure', { upkeep: { everyMs: 200 } });
    await holder.until(() => filesOf(holder, share, '.manifest').length === 1, 'commits it');
    const client = await author.client();
    const isKnown = async (): Promise<boolean> => {
      const { holders } = await client.request('find', { share: share.shareId });
      return holders.some(({ name, online }) => name === holder.name && online);
    };
    await waitFor(client, isKnown, 'the author to know its holder');
    await Promise.all(others.map((peer) => peer.stop()));
    const target = join(group.root, 'promised');
    const { from } = await getNow(author, share.shareId, target);
    assert.deepEqual(Object.keys(from), [holder.name]);
    assert.equal(await sha256File(target), await sha256File(source));
  });
});
