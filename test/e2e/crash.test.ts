import assert from 'node:assert/strict';
import { join } from 'node:path';
import { restoreGroup, sixPeers } from './group.js';
import { shareFile } from './results.js';
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
});
