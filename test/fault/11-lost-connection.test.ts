import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ShareInfo } from '../../src/control/contract.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { getNow, shareNow } from './support/calls.js';
import { holderOf } from './support/disk.js';
import { Lan } from './support/network.js';

/** A piece takes a quarter of a second, so that whatever is cut is cut in the middle of one. */
const line = { kbit: 16_000 };
/** The deadline of a single piece: nobody waits for that when others can help. */
const pieceMs = 20_000;

describe('fault 11: a connection that is lost in the middle of a piece costs a moment, not the transfer', function () {
  this.timeout(120_000);
  let lan: Lan;
  let group: TestGroup;
  let getter: TestPeer;
  let source: string;
  let share: ShareInfo;
  const lost = { index: 0, name: '' };

  before(async () => {
    lan = await Lan.open(4);
    group = await TestGroup.start(4, {}, (index) => lan.place(index));
    getter = group.get(0);
    source = join(group.filesDir, 'cut.bin');
    await writeRandomFile(source, 20 << 20);
    share = await shareNow(getter, source, '2+1');
    const { holder } = holderOf(group, share, 0);
    lost.index = group.peers.indexOf(holder);
    lost.name = holder.name;
  });

  after(async () => {
    await group.dispose();
    await lan.close();
  });

  it('neither end is told of it: the rest comes from another holder', async () => {
    await Promise.all([1, 2, 3].map((index) => lan.slow(index, line)));
    const target = join(group.root, 'got');
    const started = performance.now();
    let cut: Promise<void> | undefined;
    const client = await getter.client();
    const moved = client.on('transfer', ({ kind, bytesDone }) => {
      if (kind === 'get' && bytesDone > 0) cut ??= lan.cut(lost.index);
    });
    await getNow(getter, share.shareId, target);
    moved.dispose();
    await (cut ?? assert.fail('it was over before anything was cut'));
    assert.equal(await sha256File(target), await sha256File(source));
    assert.ok(performance.now() - started < pieceMs);
  });

  it('it ends while it cannot say so: who comes back there is met, and served by', async () => {
    const holder = group.get(lost.index);
    await holder.kill(); // what it would say about its open connections is lost with the cable
    await lan.heal();
    await Promise.all([1, 2, 3].map((index) => lan.fast(index)));
    await holder.serve();
    await holder.meets(group.peers);
    const other = group.peers.find((peer) => peer !== getter && peer !== holder) ?? assert.fail();
    await other.stop();
    const target = join(group.root, 'got again');
    const { from } = await getNow(getter, share.shareId, target);
    assert.ok((from[lost.name] ?? 0) > 0);
    assert.equal(await sha256File(target), await sha256File(source));
  });
});
