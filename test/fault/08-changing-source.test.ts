import assert from 'node:assert/strict';
import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assertFails } from '../e2e/results.js';
import { filesBelow } from '../e2e/scan.js';
import { flipByte, sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { getNow, namesOf, shareNow } from './support/calls.js';
import { whenStaged } from './support/disk.js';

/** More than is read ahead of a holder that takes nothing. */
const size = 16 << 20;
/** Seconds since 1970. */
const longAgo = 1_000_000_000;

const changes: Readonly<Record<string, (file: string) => void>> = {
  'is written to, and has its times put back': (file) => {
    flipByte(file, 0); // which was read, and what follows was not
    flipByte(file, size - 1);
    utimesSync(file, longAgo, longAgo);
  },
  'is cut off': (file) => {
    truncateSync(file, size / 2);
  },
  grows: (file) => {
    appendFileSync(file, 'one more line\n');
  },
  'is replaced by another one': (file) => {
    renameSync(`${file}.new`, file);
  },
};

describe('fault 08: a source that changes while it is shared is never mixed', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let author: TestPeer;
  let holder: TestPeer;

  before(async () => {
    group = await TestGroup.start(2);
    author = group.get(0);
    holder = group.get(1);
    // Its folders are made with the first shard.
    const first = join(group.filesDir, 'first.bin');
    await writeRandomFile(first, 1000);
    await shareNow(author, first);
  });

  after(() => group.dispose());

  /** Shares a path, and changes it when some of it has been read, and not all. */
  const shareChanging = async (path: string, change: () => void): Promise<boolean> => {
    const staged = whenStaged(holder, 'piece', () => {
      holder.signal('SIGSTOP');
      change();
      holder.signal('SIGCONT');
    });
    const result = await author.cli(['share', path, '--redundancy', 'copies:1']);
    staged.dispose();
    // It may also be taken again, as it is now.
    if (result.code !== 0) assertFails(result, 1, 'source-changed');
    return result.code === 0;
  };

  for (const [what, change] of Object.entries(changes)) {
    it(`because it ${what}`, async () => {
      const name = `file that ${what}`;
      const source = join(group.filesDir, name);
      await writeRandomFile(source, size);
      await writeRandomFile(`${source}.new`, size);
      utimesSync(source, longAgo, longAgo);
      const taken = await shareChanging(source, () => {
        change(source);
      });
      if (!taken) {
        for (const peer of group.peers) assert.ok(!(await namesOf(peer)).includes(name));
        assert.deepEqual(filesBelow(join(holder.dataDir, 'staging')), []);
        await shareNow(author, source, 'copies:1');
      }
      const target = join(group.root, 'got');
      await getNow(author, name, target);
      assert.equal(await sha256File(target), await sha256File(source));
    });
  }

  it('of a folder that loses a file', async () => {
    const folder = join(group.filesDir, 'folder');
    await mkdir(folder);
    await writeRandomFile(join(folder, 'a'), size);
    await writeRandomFile(join(folder, 'b'), 1000);
    const taken = await shareChanging(folder, () => {
      rmSync(join(folder, 'b'));
    });
    assert.equal((await namesOf(author)).includes('folder'), taken);
  });
});
