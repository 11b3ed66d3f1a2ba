import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ShareInfo, ShareResult } from '../../src/control/contract.js';
import { summary, type CliResult } from '../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { addUptime } from '../support/uptime.js';
import { getNow, shareNow } from './support/calls.js';
import { filesOf, whenStaged } from './support/disk.js';

const weekMs = 7 * 24 * 60 * 60 * 1000;

describe('fault 19: an upload wins over whatever is collected at the same time', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let author: TestPeer;
  let holder: TestPeer;
  let source: string;

  before(async () => {
    const preload = [join(import.meta.dirname, 'support/sweeps.cjs')];
    group = await TestGroup.start(3, { preload });
    [author, holder] = [group.get(0), group.get(1)];
    source = join(group.filesDir, 'report.bin');
  });

  after(() => group.dispose());

  const shareNext = async (): Promise<ShareInfo> => {
    await writeRandomFile(source, 1_000_000);
    return await shareNow(author, source, 'copies:2');
  };
  /** Shares the file anew, and lets something happen while one of its holders has begun, and does not go on. */
  const shareDuring = async (act: () => Promise<void>): Promise<ShareInfo> => {
    await writeRandomFile(source, 4 << 20);
    let acted: Promise<void> | undefined;
    const staged = whenStaged(holder, 'room', () => {
      holder.signal('SIGSTOP');
      acted = act().finally(() => {
        holder.signal('SIGCONT');
      });
    });
    const result: CliResult = await author.cli(['share', source, '--redundancy', 'copies:2']);
    staged.dispose();
    await (acted ?? assert.fail('nothing was staged'));
    assert.equal(result.code, 0, summary(result));
    const [shared] = result.last['shares'] as readonly ShareResult[];
    assert.ok(shared);
    assert.deepEqual(shared.missing, []);
    return shared.share;
  };
  const assertThere = async ({ shareId }: ShareInfo): Promise<void> => {
    for (const peer of group.peers) {
      await peer.lists(shareId);
      const target = join(group.root, `of ${peer.name}`);
      await getNow(peer, shareId, target);
      assert.equal(await sha256File(target), await sha256File(source));
    }
    await author.ok(['verify', shareId]);
  };

  it('the deletion of all that is known of the file', async () => {
    const old = await shareNext();
    await holder.lists(old.shareId);
    const fresh = await shareDuring(async () => {
      await author.ok(['rm', old.shareId, '--yes']);
    });
    await holder.forgets(old.shareId);
    await assertThere(fresh);
  });

  it('the removal of what was deleted long ago', async () => {
    const old = await shareNext();
    await author.ok(['rm', old.shareId, '--yes']);
    for (const peer of group.peers) await peer.forgets(old.shareId);
    const other = group.get(2);
    assert.ok(filesOf(other, old, '.shard').length > 0);
    const fresh = await shareDuring(async () => {
      addUptime(other, weekMs);
      await other.until(() => filesOf(other, old).length === 0, 'frees its space');
    });
    assert.ok(filesOf(other, fresh, '.shard').length > 0);
    await assertThere(fresh);
  });
});
