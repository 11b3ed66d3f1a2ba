import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fromHex } from '../../src/common/bytes.js';
import type { ShareInfo } from '../../src/control/contract.js';
import { connectionLimits } from '../../src/protocol/limits.js';
import { peakMemory } from '../bench/peakMemory.js';
import { isUnderWay, summary } from '../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { getNow, shareNow } from './support/calls.js';
import { Asker, newKey } from './support/asker.js';
import { whenStaged } from './support/disk.js';

const MiB = 1 << 20;
/** Members that ask for all that they may, and read none of it. */
const readers = 4;
/** What they ask for is this many times the bound of what is made ready for each of them. */
const { requests, highWater } = connectionLimits;
/** Beyond the bounds, MiB: what a process takes when it first does something. */
const slack = 60;

describe('fault 13: a slow reader fills no memory, on either side', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let holder: TestPeer;
  let other: TestPeer;
  let source: string;
  let share: ShareInfo;

  before(async () => {
    // As users run it: the guard of the tests would count as its memory.
    group = await TestGroup.start(2, { unguarded: true });
    [holder, other] = [group.get(0), group.get(1)];
    source = join(group.filesDir, 'large.bin');
    await writeRandomFile(source, 80 * MiB);
    share = await shareNow(other, source, 'copies:1');
    await getNow(other, share.shareId, join(group.root, 'warm'));
  });

  after(() => group.dispose());

  const peakOf = (peer: TestPeer): number => peakMemory(peer.pid) ?? assert.fail('Linux only');

  it('that asks for pieces and takes none', async () => {
    const before = peakOf(holder);
    const askers = await Promise.all(
      Array.from({ length: readers }, async (_, index) =>
        Asker.enter(holder, await newKey(group, `reader${String(index)}`)),
      ),
    );
    const wanted = { share: fromHex(share.shareId), shard: 0 };
    for (const asker of askers) {
      asker.link.stopReading();
      asker.post(
        Array.from({ length: requests }, (_, segment) => ({
          message: { t: 'piece', ...wanted, segment } as const,
        })),
      );
    }
    // Others are served, and meanwhile it has read whatever it is going to read for these.
    for (const round of [1, 2, 3]) {
      const target = join(group.root, `got-${String(round)}`);
      await getNow(other, share.shareId, target);
      assert.equal(await sha256File(target), share.sha256);
    }
    const grown = peakOf(holder) - before;
    assert.ok(requests * readers > 3 * ((readers * highWater) / MiB + slack), 'shows something');
    assert.ok(grown < (readers * highWater) / MiB + slack, `grew by ${grown.toFixed(0)} MiB`);
    for (const { link } of askers) link.destroy();
  });

  it('that is a getter which stops in the middle, and goes on', async () => {
    const before = peakOf(holder);
    const target = join(group.root, 'stopped');
    let stopped: Promise<void> | undefined;
    const result = await other.cli(['get', share.shareId, '-o', target], {
      onEvent: (event) => {
        if (isUnderWay(event)) stopped ??= pausing(other, holder);
      },
    });
    await (stopped ?? assert.fail('it was over before it could be stopped'));
    assert.equal(result.code, 0, summary(result));
    assert.equal(await sha256File(target), share.sha256);
    assert.ok(peakOf(holder) - before < slack);
  });

  it('that is a holder which stops when it is to receive, and goes on', async () => {
    const before = peakOf(other);
    let stopped: Promise<void> | undefined;
    const staged = whenStaged(holder, 'room', () => {
      stopped = pausing(holder, other);
    });
    const again = await shareNow(other, source, 'copies:1');
    staged.dispose();
    await (stopped ?? assert.fail('nothing was staged'));
    assert.equal(again.sha256, share.sha256);
    assert.ok(peakOf(other) - before < slack);
  });
});

/** Stops a peer until another one has had many turns. */
async function pausing(peer: TestPeer, meanwhile: TestPeer): Promise<void> {
  peer.signal('SIGSTOP');
  try {
    const client = await meanwhile.client();
    for (let turn = 0; turn < 200; turn += 1) await client.request('status', null);
  } finally {
    peer.signal('SIGCONT');
  }
}
