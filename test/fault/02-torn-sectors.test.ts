import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShareInfo } from '../../src/control/contract.js';
import { verifyResult } from '../e2e/results.js';
import { flipByte, sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { getNow, shareNow } from './support/calls.js';
import { holderOf, positionOf, readChunk, writeChunk } from './support/disk.js';
import { fails } from './support/look.js';

describe('fault 02: torn and misplaced sectors are found, named, and fetched from elsewhere', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let getter: TestPeer;
  let holder: TestPeer;
  let source: string;
  let share: ShareInfo;
  /** Of a data shard: what is asked for first. */
  const shard = 0;
  /** In the first two pieces. */
  const torn = 3;
  const swapped = [5, 900] as const;
  const foreign = 7;
  /** A chunk of the last piece. */
  const inLastSegment = 2900;

  before(async () => {
    group = await TestGroup.start(4);
    getter = group.get(0);
    source = join(group.filesDir, 'sectors.bin');
    await writeRandomFile(source, 3_000_000);
    share = await shareNow(getter, source, '2+1');
    const held = holderOf(group, share, shard);
    holder = held.holder;
    await holder.stop();
    flipByte(held.file, positionOf(torn) + 511);
    const [one, other] = swapped.map((chunk) => readChunk(held.file, chunk));
    writeChunk(held.file, swapped[0], other ?? assert.fail());
    writeChunk(held.file, swapped[1], one ?? assert.fail());
    // Whole in itself, and of another shard.
    writeChunk(held.file, foreign, readChunk(holderOf(group, share, 1).file, foreign));
    await holder.serve();
    await group.meet();
  });

  after(() => group.dispose());

  it('by holder and chunk', async () => {
    const verified = await getter.cli(['verify', share.shareId]);
    assert.equal(verified.code, 5);
    const report = verifyResult(verified);
    assert.deepEqual([report.ok, report.recoverable], [false, true]);
    for (const { name, status, badChunks } of report.shards) {
      const isBad = name === holder.name;
      assert.equal(status, isBad ? 'damaged' : 'ok', name);
      assert.deepEqual(badChunks, isBad ? [torn, swapped[0], foreign, swapped[1]] : []);
    }
  });

  it('while the whole file, and a part of it, come back right', async () => {
    const target = join(group.root, 'from-torn');
    const { from } = await getNow(getter, share.shareId, target);
    assert.ok((from[holder.name] ?? 0) > 0, 'nothing was asked of the damaged one');
    assert.equal(await sha256File(target), await sha256File(source));
    const client = await getter.client();
    const { base64 } = await client.request('read', {
      ...{ share: share.shareId, offset: 0, length: 10_000 },
    });
    assert.deepEqual(Buffer.from(base64, 'base64'), readFileSync(source).subarray(0, 10_000));
  });

  it('though two holders are damaged, as long as they are not in the same place', async () => {
    await spoil(1, inLastSegment);
    const target = join(group.root, 'from-two');
    await getNow(getter, share.shareId, target);
    assert.equal(await sha256File(target), await sha256File(source));

    await spoil(0, torn); // once more: it may have been mended
    await spoil(1, torn);
    const late = getNow(getter, share.shareId, join(group.root, 'of-nobody'));
    const { details } = await fails(late, 'not-enough-shards');
    assert.deepEqual(details, { needed: 2, reachable: 1, damaged: 2 });
  });

  async function spoil(which: number, chunk: number): Promise<void> {
    const held = holderOf(group, share, which);
    await held.holder.stop();
    writeChunk(held.file, chunk, randomBytes(512));
    await held.holder.serve();
    await group.meet();
  }
});
