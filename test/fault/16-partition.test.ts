import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ShareInfo } from '../../src/control/contract.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { waitFor } from '../support/waitFor.js';
import { getNow, namesOf, shareNow } from './support/calls.js';
import { filesOf } from './support/disk.js';
import { Lan } from './support/network.js';

describe('fault 16: a partition in which peers join, leave, share and delete converges, and loses nothing', function () {
  this.timeout(120_000);
  let lan: Lan;
  let group: TestGroup;
  /** Names of files that are shared, with the SHA-256 of what is in them. */
  const kept = new Map<string, string>();

  before(async () => {
    lan = await Lan.open(6);
    group = await TestGroup.start(5, {}, (index) => lan.place(index));
  });

  after(async () => {
    await group.dispose();
    await lan.close();
  });

  const share = async (author: TestPeer, name: string, redundancy: string): Promise<ShareInfo> => {
    const source = join(group.filesDir, name);
    await writeRandomFile(source, 300_000);
    kept.set(name, await sha256File(source));
    return await shareNow(author, source, redundancy);
  };
  const names = async (peer: TestPeer): Promise<readonly string[]> =>
    [...(await namesOf(peer))].sort();
  const onlineOf = async (peer: TestPeer): Promise<readonly string[]> => {
    const { peers } = await (await peer.client()).request('peers', null);
    return peers.filter(({ state }) => state === 'online').map(({ name }) => name);
  };

  it('when the two sides hear each other again', async () => {
    const [alice, bob, carol, dave, erin] = group.peers;
    assert.ok(alice && bob && carol && dave && erin);
    const common = await share(alice, 'before.bin', '2+2');
    const doomed = await share(bob, 'doomed.bin', '2+2');
    for (const peer of group.peers) await peer.lists(doomed.shareId);
    kept.delete('doomed.bin');

    // A connection that hears nothing takes a minute to be given up; peers that start anew have none.
    await Promise.all(group.peers.map((peer) => peer.kill()));
    await lan.split(...[carol, dave, erin].map((peer) => group.peers.indexOf(peer)));
    await Promise.all(group.peers.map((peer) => peer.serve()));
    const sides = [
      [alice, bob],
      [carol, dave, erin],
    ] as const;
    for (const side of sides) await Promise.all(side.map((peer) => peer.meets(side)));
    assert.deepEqual(await onlineOf(alice), ['bob']);

    // Here: somebody joins, and shares; something is deleted.
    const frank = await group.add('frank');
    await frank.meets([alice, bob]);
    await bob.ok(['rm', doomed.shareId, '--yes']);
    await share(frank, 'here.bin', '1+1');
    // There: somebody shares, and somebody leaves for good.
    await share(carol, 'there.bin', '1+1');
    assert.ok((await names(dave)).includes('doomed.bin'));
    await erin.cli(['leave', '--force']);
    assert.deepEqual(filesOf(erin, common, '.shard'), []);
    await erin.stop();

    await lan.heal();
    const rest = [alice, bob, carol, dave, frank];
    // As whoever looks at the list of peers does; by themselves they try again within a minute.
    for (const peer of [alice, carol]) await (await peer.client()).request('connect', null);
    for (const peer of rest) await peer.meets(rest);
    const all = [...kept.keys()].sort();
    for (const peer of rest) {
      const client = await peer.client();
      await waitFor(
        client,
        async () => JSON.stringify(await names(peer)) === JSON.stringify(all),
        `${peer.name} to list ${all.join(', ')}`,
      );
      await peer.forgets(doomed.shareId);
    }
    for (const [index, name] of all.entries()) {
      const target = join(group.root, `got-${name}`);
      await getNow(rest[index] ?? frank, name, target);
      assert.equal(await sha256File(target), kept.get(name));
    }
  });
});
