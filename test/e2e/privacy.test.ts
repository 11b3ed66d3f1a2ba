import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getFile, shareFile } from './results.js';
import { filesBelow, longestRun } from './scan.js';
import { writeRandomFile } from '../support/files.js';
import { TestGroup } from '../support/peers.js';

const name = 'plan-quetzalcoatl-39.txt';

describe('what lies on peers that neither shared nor fetched a file', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let content: Buffer;

  before(async () => {
    // A group of its own: every byte of its data directories is looked at.
    group = await TestGroup.start(6);
    const source = join(group.filesDir, name);
    await writeRandomFile(source, 200_000);
    content = readFileSync(source);
    const share = await shareFile(group.get(0), source);
    await group.get(5).lists(share.shareId);
    await getFile(group.get(5), share.shareId, join(group.root, 'plan-copy'));
    await group.get(3).ok(['verify', share.shareId]);
  });

  after(async () => {
    await group.dispose();
  });

  it('is found by this scan where it does lie: in the file itself, at any place', () => {
    const shifted = Buffer.concat([
      Buffer.alloc(13),
      content.subarray(1001, 1033),
      Buffer.alloc(99),
    ]);
    assert.ok(longestRun(content, shifted) >= 32);
    assert.ok(longestRun(content, content) >= 32);
  });

  it('holds no 32-byte run of its content', () => {
    for (const peer of group.peers.slice(1, 5)) {
      const files = filesBelow(peer.dataDir);
      assert.ok(files.length > 0);
      for (const file of files) {
        const run = longestRun(content, readFileSync(file));
        assert.ok(run < 32, `${peer.name} has ${String(run)} bytes of the content in ${file}`);
      }
    }
  });

  it('says nothing of its name in what is stored of the share', () => {
    const spellings = [
      Buffer.from(name),
      Buffer.from(name, 'utf16le'),
      Buffer.from('quetzalcoatl'),
    ];
    for (const peer of group.peers.slice(1, 5)) {
      const stored = filesBelow(join(peer.dataDir, 'shards'));
      assert.ok(stored.length > 0 || peer.name !== '', `${peer.name} stores nothing`);
      for (const file of stored) {
        const bytes = readFileSync(file);
        for (const spelling of spellings) assert.ok(!bytes.includes(spelling), file);
        assert.ok(!file.includes('quetzalcoatl'));
      }
    }
  });
});
