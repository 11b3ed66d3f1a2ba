import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Diagnosis, FindingKind } from '../../src/control/contract.js';
import { TestGroup } from '../support/peers.js';
import { waitFor } from '../support/waitFor.js';
import { Impostor, newStranger } from '../support/stranger.js';

describe('doctor', function () {
  this.timeout(120_000);
  let group: TestGroup;
  before(async () => {
    group = await TestGroup.start(3);
  });
  after(async () => {
    await group.dispose();
  });

  /** What it finds about one of the group, and what it exits with. */
  async function about(name: string): Promise<{ kinds: FindingKind[]; code: number | null }> {
    const { last, code } = await group.get(0).cli(['doctor']);
    const { findings } = last as unknown as Diagnosis;
    return { code, kinds: findings.filter((one) => one.name === name).map(({ kind }) => kind) };
  }

  it('says that all is well, both ways', async () => {
    assert.deepEqual(await about('bob'), { code: 0, kinds: ['connected', 'back-reached'] });
    assert.deepEqual(await about('carol'), { code: 0, kinds: ['connected', 'back-reached'] });
  });

  it('says so too once this peer listens elsewhere, and the others know where', async () => {
    const [alice, bob] = [await group.get(0).client(), await group.get(1).client()];
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const listening = `127.0.0.1:${String((taken.address() as AddressInfo).port)}`;
    await new Promise((done) => taken.close(done)); // a moment ago it was free
    await alice.request('configure', { listen: listening });
    await waitFor(
      bob,
      async () => {
        const { peers } = await bob.request('peers', null);
        return peers.some(({ name, address }) => name === 'alice' && address === listening);
      },
      'bob to hear where alice is',
    );
    assert.deepEqual(await about('bob'), { code: 0, kinds: ['connected', 'back-reached'] });
  });

  it('says who is not there, who else is, and that another program answers', async () => {
    const bob = group.get(1);
    await bob.kill();
    assert.deepEqual(await about('bob'), { code: 1, kinds: ['refused'] });
    const impostor = new Impostor(await newStranger());
    await impostor.listen(bob.address);
    try {
      assert.deepEqual(await about('bob'), { code: 1, kinds: ['stranger'] });
    } finally {
      await impostor.close();
    }
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume();
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((done) =>
      server.listen(Number(bob.address.split(':')[1]), '127.0.0.1', done),
    );
    try {
      assert.deepEqual(await about('bob'), { code: 1, kinds: ['no-peer'] });
    } finally {
      await new Promise((done) => server.close(done));
    }
  });

  it('says which configured address is none', async () => {
    const client = await group.get(0).client();
    await client.request('configure', { peers: ['nobody.invalid:7420'] });
    const { kinds } = await about('nobody.invalid:7420');
    assert.deepEqual(kinds, ['unresolved']);
  });
});
