import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ShareInfo } from '../../src/control/contract.js';
import { assertFails } from '../e2e/results.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { getNow, namesOf, shareNow } from './support/calls.js';
import { filesOf, SmallDisk, whenStaged } from './support/disk.js';

const MiB = 1 << 20;

describe('fault 03: a full disk gives a clear error, nothing cut off, and can be freed', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let disk: SmallDisk;
  let author: TestPeer;
  /** The only one whom the author can ask; on a disk of 32 MiB. */
  let holder: TestPeer;

  before(async () => {
    group = await TestGroup.start(1);
    disk = await SmallDisk.mount(32);
    author = group.get(0);
    holder = disk.newPeer('small');
    await holder.ok(['join', '-', '--name', holder.name], { stdin: await group.invite() });
    group.peers.push(holder);
    await holder.serve();
    await group.meet();
  });

  after(async () => {
    await group.dispose();
    await disk.unmount();
  });

  const newFile = async (name: string, size: number): Promise<string> => {
    const file = join(group.filesDir, name);
    await writeRandomFile(file, size);
    return file;
  };
  const oneCopy = 'copies:1';

  it('of a holder that has no room from the start', async () => {
    const file = await newFile('larger than the disk.bin', 40 * MiB);
    assertFails(await author.cli(['share', file, '--redundancy', oneCopy]), 4, 'too-few-peers');
    assert.deepEqual(await namesOf(holder), []);
  });

  it('of a holder that lends no more', async () => {
    const client = await holder.client();
    await client.request('configure', { lend: 1 * MiB });
    const file = await newFile('more than is lent.bin', 2 * MiB);
    assertFails(await author.cli(['share', file, '--redundancy', oneCopy]), 4, 'too-few-peers');
    await shareNow(author, await newFile('as much as is lent.bin', 500_000), oneCopy);
    await client.request('configure', { lend: null });
  });

  it('of a holder that fills up while it receives; it goes on serving, and deleting', async () => {
    const kept = await newFile('kept.bin', 2 * MiB);
    const share = await shareNow(author, kept, oneCopy);
    await holder.lists(share.shareId);
    const own = await shareNow(holder, await newFile('own.bin', 1000), oneCopy);
    await author.lists(own.shareId);
    // There was room when it was asked.
    const staged = whenStaged(holder, 'room', () => {
      holder.signal('SIGSTOP');
      disk.fill();
      holder.signal('SIGCONT');
    });
    const result = await author.cli([
      'share',
      await newFile('late.bin', 8 * MiB),
      '--redundancy',
      oneCopy,
    ]);
    staged.dispose();
    assertFails(result, 4, 'too-few-peers');
    for (const peer of group.peers) assert.ok(!(await namesOf(peer)).includes('late.bin'));

    const target = join(group.root, 'kept');
    await getNow(author, share.shareId, target);
    assert.equal(await sha256File(target), await sha256File(kept));
    await author.ok(['rm', share.shareId, '--yes']);
    await holder.forgets(share.shareId);
    await holder.ok(['rm', own.shareId, '--yes']);
    await author.forgets(own.shareId);

    disk.empty();
    const again = await shareNow(author, await newFile('again.bin', 8 * MiB), oneCopy);
    assert.equal(filesOf(holder, again, '.shard').length, 1);
  });

  it('of the target of a download: the room is given back, and what fits comes', async () => {
    const target = await SmallDisk.mount(4);
    try {
      const share = async (name: string, size: number): Promise<ShareInfo> =>
        await shareNow(author, await newFile(name, size), oneCopy);
      const [large, small] = [await share('6.bin', 6 * MiB), await share('3.bin', 3 * MiB)];
      const path = (name: string): string => join(target.folder, name);
      const failed = await author.cli(['get', large.shareId, '-o', path('6.bin')]);
      assertFails(failed, 1, 'disk-full');
      assert.ok(!existsSync(path('6.bin')));
      const { sha256 } = await getNow(author, small.shareId, path('3.bin'));
      assert.equal(await sha256File(path('3.bin')), sha256);
    } finally {
      await target.unmount();
    }
  });
});
