import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toHex } from '../../../src/common/bytes.js';
import { decodeInvite } from '../../../src/peer/membership/inviteCode.js';
import { PeerError } from '../../../src/common/errors.js';
import { silentLogger } from '../../../src/common/logger.js';
import { Membership } from '../../../src/peer/membership/membership.js';
import type { Store } from '../../../src/store/store.js';
import { Actor } from '../support/actor.js';
import { admit, join } from '../support/group.js';
import { PeerFixture } from '../support/peerFixture.js';
import { rejects } from '../support/rejects.js';

describe('Membership', () => {
  let fixture: PeerFixture;
  let founder: Actor;
  let store: Store;
  let group: Membership;
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(async () => {
    founder = new Actor('founder');
    store = await fixture.store();
    group = await fixture.membership(founder, store);
    await group.createGroup('team', 'Founder');
  });
  after(() => fixture.remove());

  const joinerOf = (actor: Actor) => ({
    spki: actor.spki,
    ecdh: actor.ecdhPublic,
    name: actor.name,
  });
  const names = (membership: Membership): string[] =>
    [...membership.roster.members.values()].map(({ name }) => name).sort();

  it('makes a group with a key, and finds it again in the store', async () => {
    assert.equal(group.self.role, 'admin');
    const again = await fixture.membership(founder, store);
    assert.equal(again.groupId, group.groupId);
    assert.deepEqual(again.currentEpoch(), group.currentEpoch());
    assert.equal(again.self.name, 'Founder');
  });

  it('says what is missing without a group', async () => {
    const none = await fixture.membership(new Actor('nobody'));
    assert.equal(none.hasGroup, false);
    await rejects('no-group', () => none.groupId);
    await rejects('no-group', () => none.invite('member', 1000, ['h:1']));
  });

  it('is in one group only, also when two are asked for at once', async () => {
    await rejects('already-in-group', () => group.createGroup('other', 'x'));
    const fresh = await fixture.membership(new Actor('hasty'));
    const results = await Promise.allSettled([
      fresh.createGroup('one', 'x'),
      fresh.createGroup('two', 'x'),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    assert.equal(fresh.roster.name, 'one');
  });

  it('lets a newcomer in with all that it needs', async () => {
    const anna = new Actor('anna');
    const own = await fixture.membership(anna);
    await join(group, anna, own);
    assert.deepEqual(names(own), ['Founder', 'anna']);
    assert.deepEqual(own.currentEpoch(), group.currentEpoch());
    assert.equal(own.self.role, 'member');
    await rejects('not-trusted', () => own.invite('member', 1000, ['h:1']));
  });

  it('puts what a newcomer needs first before the rest', async () => {
    for (let i = 0; i < 5; i++) await admit(group, new Actor(`other ${String(i)}`));
    const anna = new Actor('anna');
    const records = await admit(group, anna);
    const { code } = await group.invite('member', 1000, ['h:1']);
    const own = await fixture.membership(anna);
    await own.adoptGroup(decodeInvite(code), records.slice(0, 4));
    assert.deepEqual(own.currentEpoch(), group.currentEpoch());
  });

  it('redeems an invite once: again for the same newcomer, never for another', async () => {
    const { code } = await group.invite('member', 60_000, ['h:1']);
    const { token } = decodeInvite(code);
    const [anna, bert] = [new Actor('anna'), new Actor('bert')];
    const first = await group.redeem(token, joinerOf(anna));
    const again = await group.redeem(token, joinerOf(anna));
    assert.deepEqual(again, first);
    await rejects('invite-invalid', () => group.redeem(token, joinerOf(bert)));
    assert.deepEqual(names(group), ['Founder', 'anna']);
  });

  it('admits one of many who redeem the same invite at once', async () => {
    const { code } = await group.invite('member', 60_000, ['h:1']);
    const { token } = decodeInvite(code);
    const actors = Array.from({ length: 5 }, (_, i) => new Actor(`joiner ${String(i)}`));
    const results = await Promise.allSettled(
      actors.map((actor) => group.redeem(token, joinerOf(actor))),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal(group.roster.members.size, 2);
  });

  it('keeps its records in one chain when many are admitted at once', async () => {
    const actors = Array.from({ length: 6 }, (_, i) => new Actor(`joiner ${String(i)}`));
    await Promise.all(actors.map((actor) => admit(group, actor)));
    const places = group.roster.accepted.map(({ body }) => body.seq);
    assert.deepEqual(places, [...places.keys()]);
    assert.equal(group.roster.members.size, 7);
  });

  it('refuses unknown and expired invites alike', async () => {
    const anna = new Actor('anna');
    const unknown = await rejects('invite-invalid', () =>
      group.redeem(new Uint8Array(16), joinerOf(anna)),
    );
    const { code } = await group.invite('member', -1, ['h:1']);
    const expired = await rejects('invite-invalid', () =>
      group.redeem(decodeInvite(code).token, joinerOf(anna)),
    );
    assert.deepEqual(expired.toInfo(), unknown.toInfo());
    assert.deepEqual(names(group), ['Founder']);
  });

  it('admits nobody with a key that is none, and the invite is not lost by it', async () => {
    const anna = new Actor('anna');
    const { code } = await group.invite('member', 60_000, ['h:1']);
    const { token } = decodeInvite(code);
    const broken = { ...joinerOf(anna), ecdh: new Uint8Array(65).fill(4) };
    await rejects('protocol', () => group.redeem(token, broken));
    assert.deepEqual(names(group), ['Founder']);
    await group.redeem(token, joinerOf(anna));
    assert.deepEqual(names(group), ['Founder', 'anna']);
    const again = await fixture.membership(founder, store);
    assert.deepEqual(names(again), ['Founder', 'anna']);
  });

  it('lets admins that it admitted admit others', async () => {
    const [anna, bert] = [new Actor('anna'), new Actor('bert')];
    const own = await fixture.membership(anna);
    await join(group, anna, own, 'admin');
    const far = await fixture.membership(bert);
    await join(own, bert, far);
    assert.equal(far.roster.chainOf(bert.nodeId).length, 3);
    assert.deepEqual(far.currentEpoch(), group.currentEpoch());
    // The founder has not heard of it yet: the chain that bert shows is enough.
    assert.equal(group.member(bert.nodeId), undefined);
    assert.equal(await group.admitByChain(bert.nodeId, far.ownChain()), true);
    assert.equal(group.member(bert.nodeId)?.name, 'bert');
  });

  it('believes no chain of a stranger, and keeps nothing of it', async () => {
    const stranger = new Actor('stranger');
    const genesis = stranger.genesis();
    const self = stranger.admit(group.groupId, stranger, 'admin', founder);
    const before = (await store.state.records()).length;
    for (const chain of [[], [genesis.bytes], [...group.ownChain(), self.bytes]]) {
      assert.equal(await group.admitByChain(stranger.nodeId, chain), false);
    }
    // Nor a true chain that is somebody else’s.
    const anna = new Actor('anna');
    const own = await fixture.membership(anna);
    await join(group, anna, own);
    assert.equal(await group.admitByChain(stranger.nodeId, own.ownChain()), false);
    await rejects('protocol', () => group.admitByChain(stranger.nodeId, [new Uint8Array([1])]));
    assert.equal((await store.state.records()).length, before + 2);
  });

  it('does not adopt a group in which it is not', async () => {
    const { code } = await group.invite('member', 60_000, ['h:1']);
    const own = await fixture.membership(new Actor('anna'));
    const records = group.roster.accepted.map(({ bytes }) => bytes);
    await rejects('not-trusted', () => own.adoptGroup(decodeInvite(code), records));
    assert.equal(own.hasGroup, false);
  });

  it('merges what others tell once, durably, and says what was new', async () => {
    const anna = new Actor('anna');
    const own = await fixture.membership(anna);
    await join(group, anna, own, 'admin');
    await admit(own, new Actor('bert'));
    const records = own.roster.accepted.map(({ bytes }) => bytes);
    let changes = 0;
    group.onDidChange(() => (changes += 1));
    assert.equal(await group.merge(records), 2);
    assert.equal(await group.merge(records), 0);
    assert.equal(changes, 1);
    const again = await fixture.membership(founder, store);
    assert.deepEqual(names(again), ['Founder', 'anna', 'bert']);
  });

  it('keeps no token, only its hash', async () => {
    const { code } = await group.invite('member', 60_000, ['h:1']);
    const { token } = decodeInvite(code);
    assert.equal(await store.state.redeemInvite(toHex(token), 'x', 1), null);
  });

  describe('when somebody is removed', () => {
    let anna: Actor;
    let bert: Actor;
    let ofAnna: Membership;
    let ofBert: Membership;
    beforeEach(async () => {
      [anna, bert] = [new Actor('anna'), new Actor('bert')];
      ofAnna = await fixture.membership(anna);
      ofBert = await fixture.membership(bert);
      await join(group, anna, ofAnna, 'admin');
      await join(group, bert, ofBert);
      await tell(group, ofAnna);
    });
    const tell = async (from: Membership, ...to: Membership[]): Promise<void> => {
      for (const one of to) await one.merge(from.roster.records.map(({ bytes }) => bytes));
    };

    it('has a new key for all who stay, and none for who left', async () => {
      const old = group.currentEpoch();
      await group.remove(bert.nodeId);
      await tell(group, ofAnna, ofBert);
      assert.equal(group.member(bert.nodeId), undefined);
      assert.equal(group.nameOf(bert.nodeId), 'bert');
      const fresh = group.currentEpoch();
      assert.notEqual(fresh.name, old.name);
      assert.deepEqual(ofAnna.currentEpoch(), fresh);
      // What was sealed before stays open; new things do not open.
      assert.deepEqual(ofAnna.epochKey(old.name), old.key);
      assert.equal(ofBert.epochKey(fresh.name), undefined);
      assert.equal(group.needsTending, false);
      assert.equal(ofAnna.needsTending, false);
    });

    it('tells the removed one so, and by whom', async () => {
      await ofAnna.remove(bert.nodeId);
      assert.equal(await ofBert.merge(ofAnna.dismissalOf(bert.nodeId)), 1);
      assert.match(ofBert.dismissal?.message ?? '', /removed.*anna/);
      for (const task of [() => ofBert.self, () => ofBert.currentEpoch()]) {
        assert.ok((await rejects('not-trusted', task)).hint !== undefined);
      }
      assert.equal(ofBert.ownChain().length, 0);
      assert.equal(ofBert.needsTending, false);
    });

    it('lets the removed one in by no invite, nor its chain', async () => {
      const chain = ofBert.ownChain();
      const { code } = await group.invite('member', 60_000, ['h:1']);
      await group.remove(bert.nodeId);
      await rejects('not-trusted', () => group.redeem(decodeInvite(code).token, joinerOf(bert)));
      assert.equal(await group.admitByChain(bert.nodeId, chain), false);
      // The invite was not used up by that.
      await group.redeem(decodeInvite(code).token, joinerOf(new Actor('cora')));
    });

    it('is done by admins only, and not to everybody', async () => {
      await rejects('not-trusted', () => ofBert.remove(anna.nodeId));
      await rejects('usage', () => ofAnna.remove(founder.nodeId));
      await rejects('usage', () => ofAnna.remove(anna.nodeId));
      await rejects('not-found', () => group.remove(new Actor('nobody').nodeId));
      await group.remove(bert.nodeId);
      await rejects('not-found', () => group.remove(bert.nodeId));
      await rejects('not-found', () => group.declareLost(bert.nodeId));
    });

    it('comes to one key when two admins act at once', async () => {
      const [cora, dora] = [new Actor('cora'), new Actor('dora')];
      const ofCora = await fixture.membership(cora);
      await join(group, cora, ofCora);
      await join(group, dora, await fixture.membership(dora));
      await tell(group, ofAnna);
      await Promise.all([group.remove(bert.nodeId), ofAnna.remove(dora.nodeId)]);
      await tell(group, ofAnna, ofCora);
      await tell(ofAnna, group, ofCora);
      // Each key is known to the one whom the other removed.
      await rejects('not-trusted', () => ofCora.currentEpoch());
      assert.ok(group.needsTending && ofAnna.needsTending);
      await Promise.all([group.tend(), ofAnna.tend()]);
      await tell(group, ofAnna, ofCora);
      await tell(ofAnna, group, ofCora);
      const { name } = group.currentEpoch();
      for (const one of [ofAnna, ofCora]) assert.equal(one.currentEpoch().name, name);
      // And all that was sealed in between can be opened by those who stay.
      for (const one of [group, ofAnna]) while (one.needsTending) await one.tend();
      await tell(group, ofAnna, ofCora);
      await tell(ofAnna, group, ofCora);
      for (const epoch of group.roster.epochs.all) assert.ok(ofCora.epochKey(epoch), epoch);
    });

    it('makes up for a grant that somebody lacks', async () => {
      const cora = new Actor('cora');
      const ofCora = await fixture.membership(cora);
      // Anna admits her without knowing of the new key.
      await group.remove(bert.nodeId);
      await join(ofAnna, cora, ofCora);
      await tell(group, ofCora);
      await rejects('not-trusted', () => ofCora.currentEpoch());
      await tell(ofAnna, group);
      assert.ok(group.needsTending);
      await group.tend();
      assert.equal(group.needsTending, false);
      await tell(group, ofCora);
      assert.deepEqual(ofCora.currentEpoch(), group.currentEpoch());
    });

    it('gives a peer that only stores no key, and says so', async () => {
      const store = new Actor('store');
      const own = await fixture.membership(store);
      await join(group, store, own, 'storage');
      await group.remove(bert.nodeId);
      await tell(group, own);
      assert.equal(own.self.role, 'storage');
      assert.equal(own.roster.grantsFor(store.nodeId).length, 0);
      const error = await rejects('not-trusted', () => own.currentEpoch());
      assert.match(error.message, /stores/);
      assert.equal(group.needsTending, false);
    });

    it('tells whose shards are lost', async () => {
      await group.declareLost(bert.nodeId);
      await tell(group, ofAnna);
      for (const one of [group, ofAnna]) {
        assert.ok(one.isLost(bert.nodeId) && !one.isHolder(bert.nodeId));
        assert.ok(one.isHolder(anna.nodeId) && one.member(bert.nodeId) !== undefined);
      }
      const before = group.roster.records.length;
      await group.declareLost(bert.nodeId);
      assert.equal(group.roster.records.length, before);
    });
  });

  it('keeps nothing in memory that did not get to the disk, and signs no place twice for it', async () => {
    const broken = await Membership.load(
      founder,
      {
        ...store.state,
        getSetting: (key) => store.state.getSetting(key),
        records: () => store.state.records(),
        append: () => Promise.reject(new PeerError('disk-full', 'The disk is full.')),
      },
      silentLogger,
    );
    const [anna, bert] = [new Actor('anna'), new Actor('bert')];
    await admit(group, anna);
    const far = group.roster.records.map(({ bytes }) => bytes);
    await rejects('disk-full', () => broken.merge(far));
    assert.equal(broken.member(anna.nodeId), undefined);
    await rejects('disk-full', () => broken.declareLost(founder.nodeId));
    assert.equal(broken.isLost(founder.nodeId), false);
    await group.declareLost(anna.nodeId);
    const again = await fixture.membership(founder, store);
    assert.ok(again.isLost(anna.nodeId));
    assert.equal(await again.merge(far), 0);
    assert.equal(again.member(bert.nodeId), undefined);
  });

  it('takes the rest of a page on which a liar put what is no record', async () => {
    const anna = new Actor('anna');
    const own = await fixture.membership(anna);
    await join(group, anna, own);
    await admit(group, new Actor('bert'));
    const records = group.roster.records.map(({ bytes }) => bytes);
    assert.equal(await own.merge([new Uint8Array([1]), ...records]), 2);
    assert.deepEqual(names(own), ['Founder', 'anna', 'bert']);
  });
});
