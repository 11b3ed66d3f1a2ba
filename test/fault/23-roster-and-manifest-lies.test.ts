import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { toHex } from '../../src/common/bytes.js';
import { Pen, type Joiner } from '../../src/peer/membership/pen.js';
import { decodeRecord, signRecord, type RosterRecord } from '../../src/protocol/records.js';
import { Actor } from '../peer/support/actor.js';
import { MadeFile } from '../peer/support/madeFile.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { Liar, type Entry } from './support/liar.js';
import { fails, logs, rowOf, sees } from './support/look.js';

describe('fault 23: records that are old, forked, backdated or promote their signer, and a second manifest, are void', () => {
  let group: TestGroup;
  let peers: readonly TestPeer[];
  /** A member. */
  let trudy: Liar;
  /** Admins. */
  let mallory: Liar;
  let victor: Liar;
  before(async () => {
    group = await TestGroup.start(2);
    peers = group.peers;
    trudy = await Liar.join(group, 'trudy');
    mallory = await Liar.join(group, 'mallory', 'admin');
    victor = await Liar.join(group, 'victor', 'admin');
    await trudy.visit(...peers);
    for (const peer of peers) await sees(peer, 'trudy', 'online');
  });
  after(async () => {
    for (const liar of [trudy, mallory, victor]) liar.dispose();
    await group.dispose();
  });

  const groupId = (): string => toHex(trudy.papers.groupId);
  const pen = (liar: Liar): Pen => new Pen(liar.identity, groupId(), { seq: 0, prev: null });
  const joiner = ({ spki, ecdhPublic, name }: Actor): Joiner => ({ spki, ecdh: ecdhPublic, name });
  const entries = (records: readonly RosterRecord[]): Entry[] =>
    records.map(({ bytes }) => ({ kind: 'record', bytes }));
  /** Has all peers take in what trudy tells, and whatever lies before it. */
  const tellAll = async (...told: readonly Entry[]): Promise<void> => {
    const marker = new MadeFile({ ...own(), size: 10, k: 1, m: 0, name: toHex(randomBytes(8)) });
    trudy.tell(
      ...told,
      { kind: 'manifest', bytes: marker.manifest },
      { kind: 'receipt', bytes: trudy.receiptFor(marker.manifest, 0) },
    );
    for (const peer of peers) await peer.lists(marker.shareId);
  };
  const own = () => ({
    ...{ groupId: groupId(), author: trudy },
    epochKey: trudy.papers.epoch?.key ?? assert.fail('no key'),
  });
  const recordsOf = async (peer: TestPeer): Promise<readonly RosterRecord[]> =>
    (await trudy.logOf(peer))
      .filter(({ kind }) => kind === 'record')
      .map(({ bytes }) => decodeRecord(bytes));

  it('a member makes nobody an admin, itself least of all, in its own name or in another', async () => {
    const promotion = pen(trudy);
    promotion.admit({ ...joiner(new Actor('trudy')), spki: trudy.identity.spki }, 'admin');
    const [genesis] = trudy.papers.records.map(decodeRecord);
    const forged = signRecord(
      {
        ...{ t: 'admit', v: 1, signer: genesis?.body.signer ?? assert.fail(), seq: 1 },
        ...{ prev: randomBytes(32), group: trudy.papers.groupId, role: 'admin' },
        ...{ name: 'trudy', spki: trudy.identity.spki, ecdh: trudy.identity.ecdhPublic },
      },
      trudy.sign,
    );
    await tellAll(...entries([...promotion.written, forged]));
    const ids = [...promotion.written, forged].map(({ id }) => id);
    for (const peer of peers) {
      assert.equal((await rowOf(peer, 'trudy'))?.role, 'member');
      assert.ok((await recordsOf(peer)).every(({ id }) => !ids.includes(id)));
    }
  });

  it('old records say nothing new', async () => {
    const before = await Promise.all(peers.map((peer) => recordsOf(peer)));
    await tellAll(...trudy.papers.records.map((bytes): Entry => ({ kind: 'record', bytes })));
    for (const [index, peer] of peers.entries()) {
      assert.equal((await recordsOf(peer)).length, before[index]?.length);
    }
  });

  it('an admin that signs two records for one place is suspended, and everybody keeps the proof', async () => {
    const forks = ['one guest', 'another guest'].map((name) => {
      const fork = pen(mallory);
      fork.admit(joiner(new Actor(name)), 'member');
      return fork.written;
    });
    await tellAll(...entries(forks.flat()));
    const proof = forks.flat().map(({ id }) => id);
    for (const peer of peers) {
      await sees(peer, 'mallory', 'removed');
      assert.match((await rowOf(peer, 'mallory'))?.problem ?? '', /suspended/);
      assert.equal(await rowOf(peer, 'one guest'), undefined);
      assert.equal(await rowOf(peer, 'another guest'), undefined);
      const kept = (await recordsOf(peer)).map(({ id }) => id);
      assert.ok(proof.every((id) => kept.includes(id)));
    }
    await fails(mallory.visit(...peers), 'not-trusted', 'closed');
  });

  it('what a removed admin signs for a place before its removal comes too late', async () => {
    await group.get(0).ok(['remove', 'victor', '--yes']);
    for (const peer of peers) await sees(peer, 'victor', 'removed');
    const backdated = pen(victor);
    backdated.admit(joiner(new Actor('late guest')), 'admin');
    await tellAll(...entries(backdated.written));
    for (const peer of peers) {
      assert.equal(await rowOf(peer, 'late guest'), undefined);
      assert.equal((await rowOf(peer, 'victor'))?.state, 'removed');
    }
  });

  it('a second manifest of a share is refused from its author, and dropped from a log', async () => {
    const made = new MadeFile({ ...own(), size: 3000, k: 1, m: 0, name: 'the first' });
    const second = made.sign({ ...made.info, name: 'the second' });
    const [alice, bob] = [group.get(0), group.get(1)];
    const connection = await trudy.connectionTo(bob);
    const receipts = [trudy.receiptFor(made.manifest, 0)];
    await connection.request({ t: 'commit', manifest: made.manifest, receipts });
    await fails(connection.request({ t: 'commit', manifest: second, receipts }), 'integrity');
    await alice.lists(made.shareId);
    await tellAll({ kind: 'manifest', bytes: second });
    await logs(alice, 'another one is known');
    for (const peer of peers) {
      const found = await (await peer.client()).request('find', { share: made.shareId });
      assert.equal(found.name, 'the first');
    }
  });
});
