import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { PeerError } from '../../src/common/errors.js';
import { assertFails } from '../e2e/results.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, TestPeer } from '../support/peers.js';
import { fails, rowOf, sees } from './support/look.js';
import { get, shareNow } from './support/calls.js';

describe('fault 39: one identity never runs twice, neither in its data directory nor in a copy of it', () => {
  let group: TestGroup;
  let alice: TestPeer;
  let original: TestPeer;
  /** The same on another machine, for all that others can see. */
  let copy: TestPeer;
  before(async () => {
    group = await TestGroup.start(3);
    alice = group.get(0);
    original = group.get(1);
    await original.stop();
    copy = new TestPeer('copy', join(group.root, 'copy'));
    cpSync(original.dataDir, copy.dataDir, { recursive: true });
    await original.serve();
    await group.meet();
  });
  after(async () => {
    await copy.kill();
    await group.dispose();
  });

  it('a second process in the same data directory ends at once, and the first goes on', async () => {
    const { pid } = original;
    const second = await original.cli(['serve', '--listen', '127.0.0.1:0']);
    assertFails(second, 1, 'in-use');
    assert.equal((await (await original.client()).request('status', null)).pid, pid);
  });

  it('a copy is let in nowhere while the original is there, is told why, and does it no harm', async () => {
    await copy.serve();
    const client = await copy.client();
    await client.request('connect', null);
    for (const name of ['alice', 'carol']) {
      const row = await rowOf(copy, name);
      assert.notEqual(row?.state, 'online');
      assert.equal(row?.attempt?.code, 'in-use');
      assert.match(row.problem ?? '', /runs/);
    }
    const file = join(group.filesDir, 'a file');
    await writeRandomFile(file, 300_000);
    await fails(shareNow(copy, file), 'too-few-peers');

    // The original is connected to all, and a holder like any other.
    assert.equal((await (await original.client()).request('status', null)).peersOnline, 2);
    const made = await shareNow(alice, file, '1+1');
    assert.ok(made.holders.some(({ name }) => name === original.name));
    await get(original, made.shareId, join(group.root, 'fetched'));
    assert.equal(await sha256File(join(group.root, 'fetched')), made.sha256);
  });

  it('once the original has ended, the copy takes its place, and then the original is the one too many', async () => {
    await original.kill();
    await sees(alice, original.name, 'offline');
    const client = await copy.client();
    await client.request('connect', null);
    await sees(alice, original.name, 'online');
    await original.serve();
    await (await original.client()).request('connect', null);
    assert.equal((await rowOf(original, 'alice'))?.attempt?.code, 'in-use');
    assert.ok(!PeerError.is(await client.request('status', null)));
  });
});
