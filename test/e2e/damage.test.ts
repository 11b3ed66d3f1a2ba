import assert from 'node:assert/strict';
import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { sixPeers } from './group.js';
import { assertFails, getFile, mapOf, shareFile, verifyResult } from './results.js';
import { filesBelow } from './scan.js';
import { flipByte, sha256File, writeRandomFile } from '../support/files.js';
import type { ChunkRun, ShareInfo } from '../../src/control/contract.js';
import type { TestGroup, TestPeer } from '../support/peers.js';

const prologueBytes = 512;
const chunkBytes = 512;

describe('damage on the disk of a holder', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let source: string;
  let share: ShareInfo;
  let runs: readonly ChunkRun[];

  beforeEach(async () => {
    group = await sixPeers();
    source = join(group.filesDir, 'damaged.bin');
    await writeRandomFile(source, 3_000_000);
    share = await shareFile(group.get(0), source);
    runs = (await mapOf(group.get(0), share.shareId)).runs;
  });

  it('of one flipped byte is named by holder and chunk, and does not spoil the file', async () => {
    const run = runs.find((candidate) => candidate.kind === 'data');
    assert.ok(run);
    const index = 777;
    flipByte(shardFile(holderOf(group, run), share, run), prologueBytes + index * chunkBytes + 300);

    const verified = await group.get(3).cli(['verify', share.shareId]);
    assert.equal(verified.code, 5);
    const report = verifyResult(verified);
    assert.deepEqual([report.ok, report.recoverable], [false, true]);
    for (const shard of report.shards) {
      const damaged: boolean = shard.name === run.name;
      assert.equal(shard.status, damaged ? 'damaged' : 'ok', shard.name);
      assert.deepEqual(shard.badChunks, damaged ? [run.first + index] : []);
    }

    const target = join(group.root, 'from-damaged');
    await getFile(group.get(4), share.shareId, target, '--force');
    assert.equal(await sha256File(target), await sha256File(source));
  });

  it('of whole shards is told as missing; the file comes while enough are left, and fails clearly after', async () => {
    const loseShard = (run: ChunkRun): void => {
      rmSync(shardFile(holderOf(group, run), share, run));
    };
    const losable = runs.slice(0, share.m);
    losable.forEach(loseShard);
    const getter = group.get(4);
    const target = join(group.root, 'from-missing');
    await getFile(getter, share.shareId, target, '--force');
    assert.equal(await sha256File(target), await sha256File(source));
    const verified = await getter.cli(['verify', share.shareId]);
    assert.equal(verified.code, 5);
    const missing = verifyResult(verified).shards.filter((shard) => shard.status !== 'ok');
    assert.deepEqual(
      missing.map((shard) => shard.name).sort(),
      losable.map((run) => run.name).sort(),
    );

    const last = runs[share.m];
    assert.ok(last);
    // Cut off, not removed: a holder that has read from it goes on reading what is open.
    truncateSync(shardFile(holderOf(group, last), share, last), prologueBytes);
    const gone = join(group.root, 'never-there');
    const failed = await getter.cli(['get', share.shareId, '-o', gone]);
    assertFails(failed, 4, 'not-enough-shards');
    assert.ok(!filesBelow(group.root).includes(gone));
    await getter.ok(['status']);
  });
});

function holderOf(group: TestGroup, run: ChunkRun): TestPeer {
  const peer = group.peers.find((candidate) => candidate.name === run.name);
  assert.ok(peer, `nobody is called ${run.name}`);
  return peer;
}

function shardFile(holder: TestPeer, share: ShareInfo, run: ChunkRun): string {
  const suffix = `${share.shareId}.${String(run.shard)}.shard`;
  const file = filesBelow(join(holder.dataDir, 'shards')).find((path) => path.endsWith(suffix));
  assert.ok(file, `${holder.name} has no ${suffix}`);
  return file;
}
