import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ControlClient, LeaveOutlook, ShareResult } from '../../src/control/contract.js';
import { writeRandomFile } from '../support/files.js';
import { TestGroup } from '../support/peers.js';
import { waitFor } from '../support/waitFor.js';
import { fails } from '../fault/support/look.js';

describe('what hangs on a peer, told before it leaves', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let client: ControlClient;
  const ids = new Map<string, string>();
  before(async () => {
    group = await TestGroup.start(6);
    client = await group.get(0).client();
    const { peers } = await client.request('peers', null);
    for (const { name, nodeId } of peers) ids.set(name, nodeId);
  });
  after(() => group.dispose());

  const idOf = (name: string): string => ids.get(name) ?? assert.fail(name);
  const share = async (
    name: string,
    redundancy: string,
    ...chosen: readonly string[]
  ): Promise<ShareResult> => {
    const path = join(group.filesDir, name);
    await writeRandomFile(path, 50_000);
    const holders = chosen.map(idOf);
    return client.request('share', { transferId: randomUUID(), path, redundancy, holders });
  };
  const outlook = (name: string): Promise<LeaveOutlook> =>
    client.request('outlook', { nodeId: idOf(name), limit: 10 });
  const holdersOf = ({ share: { holders } }: ShareResult): string[] =>
    holders.map(({ name }) => name).sort();

  it('a share goes to the peers that were chosen, and says so when they are too few', async () => {
    const three = await share('three.bin', '2+1', 'bob', 'carol', 'dave');
    assert.deepEqual(holdersOf(three), ['bob', 'carol', 'dave']);
    const one = await share('one.bin', '1+0', 'erin');
    assert.deepEqual(holdersOf(one), ['erin']);
    const few = await share('few.bin', '2+2', 'erin');
    assert.ok(holdersOf(few).includes('erin'));
    assert.equal(few.share.holders.length, 4);
    assert.match(few.warnings.join(' '), /needs 4 holders and 1 of the chosen .*\(erin\)/);
  });

  it('refuses to choose strangers and itself', async () => {
    const params = { transferId: randomUUID(), path: join(group.filesDir, 'one.bin') };
    const strangers = ['ab'.repeat(32)];
    await fails(client.request('share', { ...params, holders: strangers }), 'not-found');
    await fails(client.request('share', { ...params, holders: [idOf('alice')] }), 'usage');
    await fails(client.request('outlook', { nodeId: 'ab'.repeat(32), limit: 1 }), 'not-found');
  });

  it('counts for each peer what would be lost and what would be at risk', async () => {
    const { peers } = await client.request('risk', null);
    const erin = peers.find(({ nodeId }) => nodeId === idOf('erin'));
    assert.equal(erin?.lost, 1);
    const bob = peers.find(({ nodeId }) => nodeId === idOf('bob'));
    assert.equal(bob?.lost, 0);
    assert.ok(bob.atRisk >= 1);
    assert.ok(!peers.some(({ nodeId }) => nodeId === idOf('alice')));
  });

  it('says whether one can leave, which files depend on it, and what repair would do', async () => {
    const erin = await outlook('erin');
    assert.equal(erin.peer.name, 'erin');
    assert.deepEqual([erin.files, erin.lost], [2, 1]);
    assert.deepEqual(
      erin.dependent.map(({ name, spareWithout }) => [name, spareWithout]),
      [
        ['one.bin', -1],
        ['few.bin', 1],
      ],
    );
    // Of two that are not lost with it, frank and others can take the part.
    assert.deepEqual([erin.repairable, erin.notRepairable], [1, 0]);
    assert.ok(erin.graceMs > 60_000);
    const alice = await outlook('alice');
    assert.deepEqual([alice.files, alice.lost, alice.atRisk], [0, 0, 0]);
  });

  it('tells what could not be fetched while others are away', async () => {
    await Promise.all(['carol', 'dave'].map((name) => peer(name).kill()));
    await waitFor(
      client,
      async () => {
        const { peers } = await client.request('peers', null);
        return peers.filter(({ state }) => state === 'online').length === 3;
      },
      'two peers to be away',
    );
    const bob = await outlook('bob');
    assert.ok(bob.unreachable >= 1, JSON.stringify(bob));
    assert.ok(bob.notRepairable >= 1, JSON.stringify(bob));
    await Promise.all(['carol', 'dave'].map((name) => peer(name).serve()));
    await group.meet();
  });

  it('verifies everything, and names what is not whole', async () => {
    const whole = await client.request('verifyAll', { transferId: randomUUID() });
    assert.deepEqual(whole, { checked: 3, whole: 3, unsound: [] });
    await peer('erin').kill();
    const transferId = randomUUID();
    await waitFor(
      client,
      async () => {
        const { peers } = await client.request('peers', null);
        return peers.some(({ name, state }) => name === 'erin' && state === 'offline');
      },
      'erin to be away',
    );
    const { checked, whole: sound, unsound } = await client.request('verifyAll', { transferId });
    assert.deepEqual([checked, sound], [3, 1]);
    assert.deepEqual(unsound.map(({ name }) => name).sort(), ['few.bin', 'one.bin']);
    assert.ok(
      unsound.every(({ onlyUnreachable, holders }) => onlyUnreachable && holders[0] === 'erin'),
    );
    const { transfers } = await client.request('transfers', null);
    const transfer = transfers.find((one) => one.transferId === transferId);
    assert.deepEqual([transfer?.state, transfer?.kind], ['done', 'verify']);
    assert.equal(transfer?.bytesDone, transfer?.bytesTotal);
  });

  function peer(name: string): ReturnType<TestGroup['get']> {
    return group.peers.find((one) => one.name === name) ?? assert.fail(name);
  }
});
