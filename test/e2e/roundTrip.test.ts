import assert from 'node:assert/strict';
import { join } from 'node:path';
import { restoreGroup, sixPeers } from './group.js';
import { getFile, mapOf, shareFiles } from './results.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import type { TestGroup, TestPeer } from '../support/peers.js';
import type { ShareInfo } from '../../src/control/contract.js';

const mebibyte = 1 << 20;

/** Name and size. */
const files: readonly (readonly [string, number])[] = [
  ['empty.bin', 0],
  ['one.bin', 1],
  ['payload-1.bin', 495],
  ['payload.bin', 496],
  ['payload+1.bin', 497],
  ['chunk.bin', 512],
  ['segment-1.bin', mebibyte - 1],
  ['segment.bin', mebibyte],
  ['segment+1.bin', mebibyte + 1],
  ['large.bin', 300 * mebibyte],
  ['四半期 報告書 最終版.pdf', 70_001],
  ['Makefile', 3333],
];

describe('a file shared from one of six peers', function () {
  this.timeout(300_000);
  let group: TestGroup;
  let shares: readonly ShareInfo[];
  let newcomer: TestPeer;

  before('share all files, let a newcomer in, kill the sharer and one more', async () => {
    group = await sixPeers();
    for (const [name, size] of files) await writeRandomFile(join(group.filesDir, name), size);
    const sharer = group.get(1);
    shares = await shareFiles(sharer, ...files.map(([name]) => join(group.filesDir, name)));
    newcomer = await group.add('newcomer');
    await Promise.all(shares.map((share) => newcomer.lists(share.shareId)));
    await newcomer.meets(group.peers);
    await Promise.all([sharer.kill(), group.get(2).kill()]);
  });

  after(async () => {
    await restoreGroup();
  });

  files.forEach(([name, size], index) => {
    it(`comes back on one that never saw it, sharer and one more dead: ${name}, ${String(size)} bytes`, async () => {
      const source = join(group.filesDir, name);
      const target = join(group.root, `got-${String(index)}`);
      const shareId = shares[index]?.shareId ?? '';
      const result = await getFile(newcomer, shareId, target);
      assert.equal(result.bytes, size);
      assert.equal(result.share.name, name);
      assert.equal(await sha256File(target), await sha256File(source));
      assert.equal(result.sha256, await sha256File(source));
    });
  });

  it('can be asked for by name, and comes under that name into a folder', async () => {
    const name = '四半期 報告書 最終版.pdf';
    const result = await getFile(newcomer, name, group.root);
    assert.equal(result.path, join(group.root, name));
    assert.equal(await sha256File(result.path), await sha256File(join(group.filesDir, name)));
  });

  it('has a map in which every chunk of every shard has one holder', async () => {
    const index = files.findIndex(([name]) => name === 'large.bin');
    const map = await mapOf(newcomer, shares[index]?.shareId ?? '');
    const { k, m, chunksPerShard } = map.share;
    assert.equal(map.chunks, (k + m) * chunksPerShard);
    const runs = [...map.runs].sort((a, b) => a.first - b.first);
    assert.equal(new Set(runs.map((run) => run.nodeId)).size, k + m);
    let next = 0;
    for (const run of runs) {
      assert.equal(run.first, next);
      next = run.last + 1;
    }
    assert.equal(next, map.chunks);
  });
});
