import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PeerInfo } from '../../src/control/contract.js';
import { Namespace } from '../support/namespace.js';
import { TestPeer } from '../support/peers.js';

const anyPort = '0.0.0.0:0';

describe('peers on one local network', function () {
  this.timeout(60_000);
  let network: Namespace | undefined;
  let root: string;
  const started: TestPeer[] = [];

  before(async function () {
    root = mkdtempSync(join(tmpdir(), 'chunk-partitioner-'));
    network = await Namespace.open();
    if (network === undefined) {
      console.log('      skipped: this system lets this user make no network of its own');
      this.skip();
    }
  });

  after(async () => {
    await Promise.all(started.map((peer) => peer.kill()));
    await network?.close();
    rmSync(root, { recursive: true, force: true });
  });

  function peer(name: string): TestPeer {
    const through = network?.through ?? assert.fail();
    const made = new TestPeer(name, join(root, name), { through }, anyPort);
    started.push(made);
    return made;
  }
  async function askToConnect(from: TestPeer, to: TestPeer): Promise<PeerInfo> {
    const { peers } = await (await from.client()).request('connect', null);
    return peers.find(({ name }) => name === to.name) ?? assert.fail();
  }

  it('find each other without any address, unless they are told not to look', async () => {
    const before = peer('alice');
    await before.ok(['init', '--name', 'alice', '--group', 'team']);
    await before.serve('--no-discovery');
    const code = String((await before.ok(['invite'])).last['code']);
    const bob = peer('bob');
    await bob.ok(['join', '-', '--name', 'bob'], { stdin: code, ...bob.options });
    // All that bob knows of alice is an address that she leaves now, and she knows none of his.
    await before.stop();
    const alice = peer('alice');
    await Promise.all([alice.serve('--no-discovery'), bob.serve('--no-discovery')]);
    assert.notEqual(alice.address, before.address);
    const asked = Date.now();
    const { state, attempt } = await askToConnect(bob, alice);
    assert.deepEqual([state, attempt?.code], ['offline', 'unreachable']);
    assert.ok(attempt !== undefined && attempt.at >= asked && attempt.at <= Date.now());
    assert.equal((await askToConnect(alice, bob)).state, 'offline');
    await Promise.all([alice.stop(), bob.stop()]);
    await Promise.all([alice.serve(), bob.serve()]);
    await Promise.all([bob.meets([alice]), alice.meets([bob])]);
    const port = alice.address.slice(alice.address.lastIndexOf(':'));
    assert.ok((await askToConnect(bob, alice)).address.endsWith(port));
  });
});
