import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { silentLogger } from '../../../src/common/logger.js';
import { Membership } from '../../../src/peer/membership/membership.js';
import { AddressBook } from '../../../src/peer/mesh/addressBook.js';
import { Mesh } from '../../../src/peer/mesh/mesh.js';
import { FrameKind } from '../../../src/protocol/frame.js';
import { FrameDecoder } from '../../../src/protocol/frameDecoder.js';
import { admittedFrame, connectionLimits } from '../../../src/protocol/limits.js';
import { decodeError } from '../../../src/protocol/messages.js';
import { LinkProbe } from '../../net/linkProbe.js';
import { MemoryNetwork } from '../../net/memoryTransport.js';
import { Actor } from '../support/actor.js';
import { join } from '../support/group.js';
import { PeerFixture } from '../support/peerFixture.js';
import { rejects } from '../support/rejects.js';

interface Node {
  readonly actor: Actor;
  readonly membership: Membership;
  readonly mesh: Mesh;
  readonly book: AddressBook;
}

describe('Mesh', () => {
  let fixture: PeerFixture;
  let network: MemoryNetwork;
  let nodes: Node[];
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(() => {
    network = new MemoryNetwork();
    nodes = [];
  });
  afterEach(() => {
    for (const { mesh } of nodes) mesh.dispose();
  });
  after(() => fixture.remove());

  async function node(name: string, configured: string[] = []): Promise<Node> {
    const actor = new Actor(name);
    const { state } = await fixture.store();
    const book = await AddressBook.load(state);
    const membership = await Membership.load(actor, state, silentLogger);
    const mesh = new Mesh({
      transport: network.transport(actor.spki),
      membership,
      addressBook: book,
      logger: silentLogger,
      handler: () => Promise.reject(new PeerError('unsupported', 'Nothing is answered here.')),
      stays: () => false,
      configured: () => configured,
    });
    const made = { actor, membership, mesh, book };
    nodes.push(made);
    return made;
  }

  const connected = (mesh: Mesh): Promise<void> =>
    new Promise((resolve) => {
      if (mesh.online().length > 0) resolve();
      mesh.onDidConnect(() => {
        resolve();
      });
    });

  async function pair(): Promise<[Node, Node]> {
    const far = await node('far');
    await far.membership.createGroup('team', 'far');
    const near = await node('near');
    await join(far.membership, near.actor, near.membership);
    return [near, far];
  }

  it('connects members, and both sides know it', async () => {
    const [near, far] = await pair();
    const address = await far.mesh.start('10.0.0.1:0');
    await near.mesh.start('10.0.0.2:0');
    const other = await node('third', [address]);
    await join(far.membership, other.actor, other.membership);
    const met = connected(far.mesh);
    await other.mesh.connectAll();
    await met;
    assert.deepEqual(
      other.mesh.online().map(({ nodeId }) => nodeId),
      [far.actor.nodeId],
    );
    assert.deepEqual(
      far.mesh.online().map(({ nodeId }) => nodeId),
      [other.actor.nodeId],
    );
    const gone = new Promise((resolve) => far.mesh.onDidDisconnect(resolve));
    other.mesh.dispose();
    assert.equal(await gone, other.actor.nodeId);
    assert.deepEqual(far.mesh.online(), []);
  });

  it('keeps one connection of two that were dialled at once', async () => {
    const [near, far] = await pair();
    const addresses = [await near.mesh.start('10.0.0.1:0'), await far.mesh.start('10.0.0.2:0')];
    await near.book.learn(far.actor.nodeId, addresses.slice(1));
    await far.book.learn(near.actor.nodeId, addresses.slice(0, 1));
    await Promise.all([near.mesh.connectAll(), far.mesh.connectAll()]);
    await Promise.all([connected(near.mesh), connected(far.mesh)]);
    const [here] = near.mesh.online();
    const [there] = far.mesh.online();
    assert.equal(near.mesh.online().length, 1);
    assert.equal(far.mesh.online().length, 1);
    await here?.connection.request({ t: 'ping' });
    await there?.connection.request({ t: 'ping' });
  });

  it('refuses strangers and members of another group alike', async () => {
    const [, far] = await pair();
    const address = await far.mesh.start('10.0.0.1:0');
    const foreign = await node('foreign', [address]);
    await foreign.membership.createGroup('other', 'foreign');
    await foreign.mesh.connectAll();
    assert.equal(foreign.mesh.attempts.problemOf(address)?.code, 'not-trusted');
    const connection = await foreign.mesh.dialStranger(
      address,
      far.actor.nodeId,
      AbortSignal.timeout(5_000),
    );
    await rejects('not-trusted', () =>
      connection.request({
        t: 'hello',
        versions: [1, 1],
        group: Buffer.from(far.membership.groupId, 'hex'),
        chain: foreign.membership.ownChain(),
        addresses: [],
        stays: false,
      }),
    );
    assert.deepEqual(far.mesh.online(), []);
  });

  it('hangs up in time on one who says nothing, without a word of the group', async () => {
    const [, far] = await pair();
    const address = await far.mesh.start('10.0.0.1:0');
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const silent = network.transport(new Actor('silent').spki);
      const probe = new LinkProbe(await silent.dial(address, { expect: () => true }));
      mock.timers.tick(connectionLimits.handshakeMs - 1);
      await new Promise(setImmediate);
      assert.equal(probe.closed + probe.bytes, 0);
      mock.timers.tick(1);
      await probe.isClosed();
      const [frame, ...more] = new FrameDecoder(admittedFrame).push(probe.received);
      assert.ok(frame?.kind === FrameKind.error && more.length === 0);
      assert.equal(decodeError(frame.message).code, 'timeout');
    } finally {
      mock.timers.reset();
    }
  });
});
