import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { restoreGroup, sixPeers } from './group.js';
import { assertFails, getFile, listedNames, shareFile } from './results.js';
import { filesBelow } from './scan.js';
import { isUnderWay, summary } from '../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import type { TestGroup } from '../support/peers.js';

describe('a sharer that is killed', function () {
  this.timeout(300_000);
  let group: TestGroup;

  before(async () => {
    group = await sixPeers();
  });

  afterEach(async () => {
    await restoreGroup();
  });

  it('in the middle of an upload leaves nothing listed', async () => {
    const sharer = group.get(2);
    const source = join(group.filesDir, 'half-shared.bin');
    await writeRandomFile(source, 128 << 20);
    let killed: Promise<void> | undefined;
    const result = await sharer.cli(['share', source], {
      onEvent: (event) => {
        if (isUnderWay(event)) killed ??= sharer.kill();
      },
    });
    assert.ok(killed, `no progress was told before the end: ${summary(result)}`);
    await killed;
    assertFails(result, 1, 'closed');
    for (const other of group.peers.filter((peer) => peer !== sharer)) {
      assert.ok(!(await listedNames(other)).includes('half-shared.bin'), other.name);
    }
  });

  it('right after “done” has a file that can be fetched', async () => {
    const sharer = group.get(3);
    const source = join(group.filesDir, 'just-shared.bin');
    await writeRandomFile(source, 5_000_000);
    let killed: Promise<void> | undefined;
    const result = await sharer.cli(['share', source], {
      onEvent: (event) => {
        if (event.event === 'shared') killed ??= sharer.kill();
      },
    });
    assert.ok(killed, summary(result));
    await killed;
    const getter = group.get(5);
    const target = join(group.root, 'just-got');
    const { shareId } = (result.events.find((event) => event.event === 'shared')?.['share'] ??
      {}) as {
      shareId: string;
    };
    await getter.lists(shareId);
    await getFile(getter, shareId, target);
    assert.equal(await sha256File(target), await sha256File(source));
  });

  it('while others fetch from it does not keep them from the end', async () => {
    const sharer = group.get(1);
    const source = join(group.filesDir, 'fetched-while-killed.bin');
    await writeRandomFile(source, 96 << 20);
    const share = await shareFile(sharer, source);
    const getter = group.get(4);
    await getter.lists(share.shareId);
    const target = join(group.root, 'fetched-while-killed');
    let killed: Promise<void> | undefined;
    const result = await getter.cli(['get', share.shareId, '-o', target], {
      onEvent: (event) => {
        if (isUnderWay(event)) killed ??= sharer.kill();
      },
    });
    await killed;
    assert.equal(result.code, 0, summary(result));
    assert.equal(await sha256File(target), await sha256File(source));
  });

  it('as getter leaves nothing under the final name', async () => {
    const source = join(group.filesDir, 'half-got.bin');
    await writeRandomFile(source, 96 << 20);
    const share = await shareFile(group.get(0), source);
    const getter = group.get(5);
    await getter.lists(share.shareId);
    const folder = join(group.root, 'half-got');
    await mkdir(folder);
    const target = join(folder, 'target.bin');
    let killed: Promise<void> | undefined;
    const result = await getter.cli(['get', share.shareId, '-o', target], {
      onEvent: (event) => {
        if (isUnderWay(event)) killed ??= getter.kill();
      },
    });
    await killed;
    assert.notEqual(result.code, 0);
    assert.ok(!filesBelow(group.root).includes(target));
  });
});
