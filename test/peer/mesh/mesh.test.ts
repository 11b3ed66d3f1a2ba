import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { silentLogger } from '../../../src/common/logger.js';
import { meshLimits } from '../../../src/peer/limits.js';
import { Membership } from '../../../src/peer/membership/membership.js';
import { AddressBook } from '../../../src/peer/mesh/addressBook.js';
import { Mesh } from '../../../src/peer/mesh/mesh.js';
import { FrameKind } from '../../../src/protocol/frame.js';
import { turn, VirtualTime } from '../../support/virtualTime.js';
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
  let time: VirtualTime;
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(() => {
    network = new MemoryNetwork();
    nodes = [];
    time = new VirtualTime();
  });
  afterEach(() => {
    for (const { mesh } of nodes) mesh.dispose();
  });
  after(() => fixture.remove());

  async function node(
    name: string,
    configured: string[] = [],
    actor = new Actor(name),
  ): Promise<Node> {
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
      time,
      random: () => 1,
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
    const later = Date.now() + 60_000;
    const clock = mock.method(Date, 'now', () => later);
    other.mesh.dispose();
    assert.equal(await gone, other.actor.nodeId);
    clock.mock.restore();
    assert.deepEqual(far.mesh.online(), []);
    assert.equal(far.book.get(other.actor.nodeId)?.lastSeen, later);
  });

  it('knows where a member listens that moves while it is connected', async () => {
    const [near, far] = await pair();
    const { nodeId } = far.actor;
    const address = await far.mesh.start('10.0.0.1:0');
    await near.mesh.start('10.0.0.2:0');
    await near.book.learn(nodeId, [address]);
    await near.mesh.connectAll();
    await near.mesh.moved(nodeId, [address]);
    await near.mesh.moved(nodeId, []);
    await near.mesh.moved('ab'.repeat(32), ['10.0.0.4:1']);
    assert.equal(near.mesh.get(nodeId)?.address, address);
    const changed = new Promise<void>((resolve) => near.mesh.onDidChange(resolve));
    await near.mesh.moved(nodeId, ['10.0.0.3:1', address]);
    await changed;
    assert.equal(near.mesh.get(nodeId)?.address, '10.0.0.3:1');
    assert.deepEqual(near.book.get(nodeId)?.addresses, ['10.0.0.3:1', address]);
    assert.equal(near.book.get('ab'.repeat(32)), undefined);
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

  it('shows out who is removed, tells it why, and lets it in no more', async () => {
    const [near, far] = await pair();
    const address = await far.mesh.start('10.0.0.1:0');
    const third = await node('third');
    await join(far.membership, third.actor, third.membership);
    for (const one of [near, third]) await one.book.learn(far.actor.nodeId, [address]);
    const met = Promise.all([near, third].map(({ mesh }) => connected(mesh)));
    await Promise.all([near.mesh.connectAll(), third.mesh.connectAll()]);
    await met;
    const closed = new Promise<PeerError>((resolve) =>
      near.mesh.get(far.actor.nodeId)?.connection.onDidClose(resolve),
    );
    const told = new Promise<void>((resolve) => near.membership.onDidChange(resolve));
    await far.membership.remove(near.actor.nodeId);
    assert.equal((await closed).code, 'not-trusted');
    await told;
    assert.match(near.membership.dismissal?.message ?? '', /removed.*far/);
    assert.deepEqual(
      far.mesh.online().map(({ nodeId }) => nodeId),
      [third.actor.nodeId],
    );
    // It knows, and asks nobody any more.
    await near.mesh.connectAll();
    assert.deepEqual(near.mesh.online(), []);
    assert.equal(near.mesh.attempts.isConnecting(far.actor.nodeId), false);
  });

  it('tells one who was away that it was removed, and nothing else', async () => {
    const [near, far] = await pair();
    const address = await far.mesh.start('10.0.0.1:0');
    await near.book.learn(far.actor.nodeId, [address]);
    const chain = near.membership.ownChain();
    await far.membership.remove(near.actor.nodeId);
    const before = near.membership.roster.records.length;
    await near.mesh.connectAll();
    assert.deepEqual([...near.mesh.online(), ...far.mesh.online()], []);
    assert.match(near.membership.dismissal?.message ?? '', /removed/);
    assert.equal(near.membership.roster.records.length, before + 1);
    // Whatever it says about itself.
    const connection = await near.mesh.dialStranger(
      address,
      far.actor.nodeId,
      AbortSignal.timeout(5_000),
    );
    const hello = { t: 'hello', versions: [1, 1], addresses: [], stays: false } as const;
    const group = Buffer.from(far.membership.groupId, 'hex');
    const { message } = await connection.request({ ...hello, versions: [1, 1], group, chain });
    assert.equal(message.t, 'removed');
    if (!connection.closed) await new Promise((resolve) => connection.onDidClose(resolve));
  });

  it('refuses strangers and members of another group alike', async () => {
    const [, far] = await pair();
    const address = await far.mesh.start('10.0.0.1:0');
    const foreign = await node('foreign', [address]);
    await foreign.membership.createGroup('other', 'foreign');
    await foreign.mesh.connectAll();
    assert.equal(foreign.mesh.attempts.lastAttempt(address)?.problem?.code, 'not-trusted');
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

  it('takes the new connection of a member whose old one is dead without its knowing', async () => {
    const known = meshLimits.simultaneousMs - meshLimits.aliveMs;
    for (const [ms, wins] of [
      [known - 1, false],
      [known, true],
    ] as const) {
      const [near, far] = await pair();
      const at = [await near.mesh.start('10.0.0.1:0'), await far.mesh.start('10.0.0.2:0')];
      // The lower id dials first: its connection would be the one to keep of two that were dialled at once.
      const [low, high] = near.actor.nodeId < far.actor.nodeId ? [near, far] : [far, near];
      const of = (one: Node): string[] => [at[one === near ? 0 : 1] ?? ''];
      await low.book.learn(high.actor.nodeId, of(high));
      await low.mesh.connectAll();
      await connected(high.mesh);
      const before = low.mesh.get(high.actor.nodeId)?.connection;
      network.cut();
      time.jump(ms);
      high.mesh.get(low.actor.nodeId)?.connection.dispose(); // its network is another one: it knows
      await high.book.learn(low.actor.nodeId, of(low));
      const all = high.mesh.connectAll();
      await turn();
      await time.pass(meshLimits.aliveMs);
      await all;
      await turn();
      assert.equal(low.mesh.get(high.actor.nodeId)?.connection !== before, wins);
      assert.equal(before?.closed, wins);
      for (const { mesh } of nodes.splice(0)) mesh.dispose();
      network = new MemoryNetwork();
    }
  });

  it('lets in nobody with the key of a member that is there and answers', async () => {
    const [near, far] = await pair();
    const address = await far.mesh.start('10.0.0.1:0');
    await near.book.learn(far.actor.nodeId, [address]);
    const met = connected(far.mesh);
    await near.mesh.connectAll();
    await met;
    const before = far.mesh.get(near.actor.nodeId)?.connection;
    const copy = await node('copy', [], near.actor);
    const records = near.membership.roster.records.map(({ bytes }) => bytes);
    await copy.membership.adoptGroup({ groupId: near.membership.groupId }, records);
    await copy.book.learn(far.actor.nodeId, [address]);
    for (const ms of [0, meshLimits.simultaneousMs]) {
      time.jump(ms);
      await copy.mesh.connectAll();
      assert.equal(copy.mesh.attempts.lastAttempt(far.actor.nodeId)?.problem?.code, 'in-use');
      assert.equal(far.mesh.get(near.actor.nodeId)?.connection, before);
      assert.equal(before?.closed, false);
    }
    const gone = new Promise((resolve) => far.mesh.onDidDisconnect(resolve));
    near.mesh.dispose();
    await gone;
    await copy.mesh.connectAll();
    assert.equal(copy.mesh.online().length, 1);
  });

  it('drops who does not answer, and dials everybody, when the network is another one', async () => {
    const [near, far] = await pair();
    await near.book.learn(far.actor.nodeId, [await far.mesh.start('10.0.0.1:0')]);
    near.mesh.startDialling();
    await Promise.all([connected(near.mesh), connected(far.mesh)]);
    const [alive] = near.mesh.online();
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      near.mesh.renew();
      await alive?.connection.request({ t: 'ping' });
      mock.timers.tick(connectionLimits.probeMs);
      assert.equal(alive?.connection.closed, false);
      network.cut();
      near.mesh.renew();
      mock.timers.tick(connectionLimits.probeMs);
      assert.ok(alive.connection.closed);
    } finally {
      mock.timers.reset();
    }
    // It is dialled within a second; the other side first looks whether the old connection is alive.
    const again = connected(near.mesh);
    await time.pass(1000);
    await time.pass(meshLimits.aliveMs);
    await again;
    near.mesh.renew();
    near.mesh.dispose();
    near.mesh.renew();
    near.mesh.hint(far.actor.nodeId, '10.0.0.1:1');
  });

  it('gives an address back to the member that answers there now', async () => {
    const [near, far] = await pair();
    const third = await node('third');
    await join(far.membership, third.actor, third.membership);
    await near.membership.merge(far.membership.roster.accepted.map(({ bytes }) => bytes));
    const address = await third.mesh.start('10.0.0.3:0');
    await near.book.meet(far.actor.nodeId, [address, '10.0.0.9:1'], { at: 1, stays: false });
    await near.mesh.connectAll();
    assert.deepEqual(near.book.get(far.actor.nodeId)?.addresses, ['10.0.0.9:1']);
    assert.deepEqual(near.book.get(third.actor.nodeId)?.addresses, [address]);
    // A stranger's is kept, and tried last.
    const stranger = await node('stranger');
    const taken = await stranger.mesh.start('10.0.0.4:0');
    await near.book.meet(far.actor.nodeId, [], { at: 1, stays: false, dialled: taken });
    await near.mesh.connectAll();
    assert.deepEqual(near.book.get(far.actor.nodeId)?.addresses, ['10.0.0.9:1', taken]);
    assert.equal(near.mesh.attempts.lastAttempt(far.actor.nodeId)?.problem?.code, 'not-trusted');
  });

  it('refuses a member that connects again and again, for a while', async () => {
    const [near, far] = await pair();
    await near.book.learn(far.actor.nodeId, [await far.mesh.start('10.0.0.1:0')]);
    const { burst, everyMs } = meshLimits.calls;
    const call = async (): Promise<boolean> => {
      await near.mesh.connectAll();
      const [there] = near.mesh.online();
      there?.connection.dispose();
      await turn();
      return there !== undefined;
    };
    for (let i = 0; i < burst; i++) assert.ok(await call());
    assert.ok(!(await call()));
    assert.equal(near.mesh.attempts.lastAttempt(far.actor.nodeId)?.problem?.code, 'limit');
    time.jump(everyMs);
    assert.ok(await call());
    assert.ok(!(await call()));
  });

  it('tells one who repeats the announcement of a member nothing', async () => {
    const [near, far] = await pair();
    const visits: LinkProbe[] = [];
    const there = await network
      .transport(new Actor('mallory').spki)
      .listen({ host: '10.0.0.6', port: 0 }, (link) => visits.push(new LinkProbe(link)));
    near.mesh.startDialling();
    near.mesh.hint(far.actor.nodeId, there.address);
    await turn();
    await visits[0]?.isClosed();
    assert.deepEqual([visits.length, visits[0]?.bytes], [1, 0]);
    assert.equal(near.mesh.attempts.lastAttempt(far.actor.nodeId)?.problem?.code, 'not-trusted');
    assert.equal(near.book.get(far.actor.nodeId), undefined);
    near.mesh.hint(far.actor.nodeId, await far.mesh.start('10.0.0.1:0'));
    await connected(near.mesh);
  });

  it('waits no longer for one who does not answer the greeting when it ends', async () => {
    const [near, far] = await pair();
    const greeted = Promise.withResolvers<LinkProbe>();
    const mute = await network
      .transport(far.actor.spki)
      .listen({ host: '10.0.0.5', port: 0 }, (link) => {
        greeted.resolve(new LinkProbe(link));
      });
    await near.book.learn(far.actor.nodeId, [mute.address]);
    const all = near.mesh.connectAll();
    const probe = await greeted.promise;
    await probe.has(1);
    near.mesh.dispose();
    await Promise.all([all, probe.isClosed()]);
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
