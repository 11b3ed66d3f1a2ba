import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ListedShare, ShareInfo } from '../../src/control/contract.js';
import type { CliOptions } from '../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, TestPeer } from '../support/peers.js';
import { waitFor } from '../support/waitFor.js';
import { getNow, shareNow } from './support/calls.js';

const yearMs = 365 * 24 * 60 * 60_000;

describe('fault 15: clocks that are wrong by years order nothing', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let source: string;

  before(async () => {
    group = await TestGroup.start(1);
    await group.add('ahead', clock(12));
    await group.add('behind', clock(-12));
    await group.meet();
    source = join(group.filesDir, 'report.bin');
  });

  after(() => group.dispose());

  /** The same peer with another clock. */
  const setClock = async (index: number, years: number): Promise<TestPeer> => {
    const before = group.get(index);
    await before.stop();
    const { name, dataDir, address } = before;
    const peer = new TestPeer(name, dataDir, clock(years), address);
    group.peers[index] = peer;
    await peer.serve();
    await group.meet();
    return peer;
  };
  const shareNext = async (peer: TestPeer): Promise<ShareInfo> => {
    await writeRandomFile(source, 50_000);
    return await shareNow(peer, source, 'copies:2');
  };

  it('a version that is shared later is the newer one, whatever its author took for the time', async () => {
    const versions: string[] = [];
    for (const years of [12, -12, 0, -20]) {
      const author = await setClock(1, years);
      versions.unshift((await shareNext(author)).shareId);
    }
    const sum = await sha256File(source);
    for (const peer of group.peers) {
      await peer.lists(versions[0] ?? '');
      const { events } = await peer.ok(['ls', '--versions', 'report.bin']);
      const listed = events.flatMap(({ event, share }) =>
        event === 'share' ? [(share as ListedShare).shareId] : [],
      );
      assert.deepEqual(listed, versions, peer.name);
      const target = join(group.root, `report of ${peer.name}`);
      const { share } = await getNow(peer, 'report.bin', target);
      assert.equal(share.shareId, versions[0]);
      assert.equal(await sha256File(target), sum);
    }
  });

  it('what was deleted stays deleted, and what is new stays, after clocks were put right', async () => {
    const [right, behind] = [group.get(0), group.get(2)];
    const ahead = await setClock(1, 12);
    const doomed = await shareNext(ahead);
    await behind.lists(doomed.shareId);
    await ahead.ok(['rm', doomed.shareId, '--yes']);
    await behind.forgets(doomed.shareId);
    const kept = await shareNext(behind);
    await ahead.lists(kept.shareId);
    for (const [index, years] of [
      [1, 0],
      [2, 0],
    ] as const) {
      await setClock(index, years);
    }
    for (const peer of [right, ...group.peers.slice(1)]) {
      await peer.forgets(doomed.shareId);
      await peer.lists(kept.shareId);
    }
  });

  it('who is removed by a clock that is behind stays out', async () => {
    const admin = await setClock(0, -12);
    const other = await setClock(1, 12);
    await admin.ok(['remove', 'behind', '--yes']);
    const client = await other.client();
    await waitFor(
      client,
      async () => {
        const { peers } = await client.request('peers', null);
        return peers.some(({ name, state }) => name === 'behind' && state === 'removed');
      },
      'the other one to show it out',
    );
  });
});

function clock(years: number): CliOptions {
  return {
    preload: [join(import.meta.dirname, 'support/clock.cjs')],
    env: { CLOCK_SHIFT_MS: String(years * yearMs) },
  };
}
