import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { Roster } from '../../../src/peer/membership/roster.js';
import { fromHex } from '../../../src/common/bytes.js';
import { PeerError } from '../../../src/common/errors.js';
import { membershipLimits } from '../../../src/peer/limits.js';
import { decodeRecord, signRecord, type RosterRecord } from '../../../src/protocol/records.js';
import { Actor } from '../support/actor.js';

const founder = new Actor('founder');
const anna = new Actor('anna');
const bert = new Actor('bert');
const cora = new Actor('cora');
const dora = new Actor('dora');
const eve = new Actor('eve');
const genesis = founder.genesis();
const group = genesis.id;
const key = new Uint8Array(32).fill(1);

/** Several admins who admit the same people, and each other, in circles. */
const records: readonly RosterRecord[] = [
  genesis,
  founder.admit(group, anna, 'admin'),
  founder.admit(group, bert, 'admin'),
  anna.admit(group, cora, 'member'),
  bert.admit(group, cora, 'admin'),
  anna.admit(group, bert, 'admin'),
  bert.admit(group, anna, 'admin'),
  cora.admit(group, anna, 'admin'),
  cora.admit(group, dora, 'member'),
  anna.admit(group, founder, 'member'),
  bert.admit(group, dora, 'member'),
  anna.grant(group, cora, key),
  cora.grant(group, dora, key),
];

function summary(roster: Roster): string[] {
  return [...roster.members.values()]
    .map(({ nodeId, name, role, admission }) => [nodeId, name, role, admission.id].join(' '))
    .sort();
}

function accepted(roster: Roster): string[] {
  return roster.accepted.map(({ id }) => id).sort();
}

describe('Roster', () => {
  const whole = new Roster(group, records);
  const shuffled = fc.shuffledSubarray([...records, ...records], {
    minLength: 2 * records.length,
  });

  it('follows admissions from genesis', () => {
    assert.deepEqual(
      [...whole.members.values()].map(({ name, role }) => `${name} ${role}`).sort(),
      ['anna admin', 'bert admin', 'cora admin', 'dora member', 'founder admin'],
    );
    assert.equal(whole.name, 'team');
    assert.equal(whole.accepted.length, records.length);
  });

  it('means the same whatever the order of arrival, and however often records come', () => {
    fc.assert(
      fc.property(shuffled, (order) => {
        const roster = new Roster(group);
        roster.add(order);
        assert.deepEqual(summary(roster), summary(whole));
        assert.deepEqual(accepted(roster), accepted(whole));
      }),
      { numRuns: 25 },
    );
  });

  it('comes to the same when records come one by one, until all were told after what they rest on', () => {
    fc.assert(
      fc.property(shuffled, (order) => {
        const roster = new Roster(group);
        for (let fresh = -1; fresh !== 0;) {
          fresh = order.reduce((sum, record) => sum + roster.add([record]).length, 0);
        }
        assert.deepEqual(summary(roster), summary(whole));
        assert.deepEqual(accepted(roster), accepted(whole));
      }),
      { numRuns: 25 },
    );
  });

  it('leads every member back to genesis by a chain that proves it alone', () => {
    for (const nodeId of whole.members.keys()) {
      const chain = whole.chainOf(nodeId);
      assert.equal(chain[0], genesis);
      const alone = new Roster(group, chain);
      assert.ok(alone.members.has(nodeId));
    }
    assert.deepEqual(whole.chainOf(eve.nodeId), []);
  });

  it('answers each record as new once', () => {
    const roster = new Roster(group);
    assert.equal(roster.add(records).length, records.length);
    assert.deepEqual(roster.add(records), []);
  });

  it('takes nothing from whoever is no admin: strangers, members who promote themselves', () => {
    const roster = new Roster(group, records);
    const before = summary(roster);
    const stranger = new Actor('stranger');
    const fresh = roster.add([
      dora.admit(group, dora, 'admin'),
      dora.admit(group, stranger, 'member'),
      dora.grant(group, dora, key),
      stranger.admit(group, stranger, 'admin'),
    ]);
    assert.deepEqual(fresh, []);
    assert.deepEqual(summary(roster), before);
    assert.equal(roster.accepted.length, records.length);
  });

  it('takes nothing that is signed by another key than the signer’s, nor changed afterwards', () => {
    const roster = new Roster(group, [genesis]);
    const forged = eve.admit(group, eve, 'admin', founder);
    const good = founder.admit(group, eve, 'admin');
    const bytes = Uint8Array.from(good.bytes);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    assert.deepEqual(roster.add([forged, decodeRecord(bytes)]), []);
    assert.equal(roster.members.size, 1);
    // The forgery under its id does not keep the true record out afterwards.
    assert.equal(roster.add([good]).length, 1);
  });

  it('takes nothing of another group, and no second genesis', () => {
    const roster = new Roster(group, [genesis]);
    const other = new Actor('other').genesis();
    assert.deepEqual(roster.add([other, founder.admit(other.id, eve, 'admin')]), []);
    assert.equal(roster.members.size, 1);
  });

  it('has no members without a genesis that its founder signed', () => {
    assert.equal(new Roster(group, records.slice(1)).members.size, 0);
    const forged = decodeRecord(genesis.bytes.slice());
    const other = Uint8Array.from(forged.bytes);
    other[other.length - 1] = (other[other.length - 1] ?? 0) ^ 1;
    const roster = new Roster(group, [decodeRecord(other), ...records.slice(1)]);
    assert.equal(roster.members.size, 0);
    assert.equal(roster.accepted.length, 0);
  });

  it('keeps the founder, whoever admits the founder anew', () => {
    const self = whole.members.get(founder.nodeId);
    assert.equal(self?.role, 'admin');
    assert.equal(self.admission, genesis);
  });

  it('continues the chain of each signer', () => {
    const next = whole.nextPlace(anna.nodeId);
    assert.equal(next.seq, 4);
    assert.equal(Buffer.from(next.prev ?? []).toString('hex'), records[11]?.id);
    assert.deepEqual(whole.nextPlace(eve.nodeId), { seq: 0, prev: null });
  });

  it('lets a copy be tried out', () => {
    const copy = whole.clone();
    copy.add([founder.admit(group, eve, 'member')]);
    assert.ok(copy.members.has(eve.nodeId));
    assert.ok(!whole.members.has(eve.nodeId));
    assert.deepEqual(copy.accepted.slice(0, -1), whole.accepted);
  });
});

describe('Roster, when members are removed', () => {
  let people: Record<'founder' | 'anna' | 'bert' | 'cora' | 'dora', Actor>;
  let roster: Roster;
  let id: string;
  beforeEach(() => {
    people = {
      founder: new Actor('founder'),
      anna: new Actor('anna'),
      bert: new Actor('bert'),
      cora: new Actor('cora'),
      dora: new Actor('dora'),
    };
    const first = people.founder.genesis();
    id = first.id;
    // Anna is senior to bert, and both to cora.
    roster = new Roster(id, [
      first,
      people.founder.admit(id, people.anna, 'admin'),
      people.founder.admit(id, people.bert, 'admin'),
      people.anna.admit(id, people.cora, 'admin'),
    ]);
  });

  const names = (of = roster): string[] => [...of.members.values()].map(({ name }) => name).sort();
  const lastOf = (who: Actor): string | null => roster.lastOf(who.nodeId)?.id ?? null;

  it('keeps out who was removed, and says who did it', () => {
    const { bert, cora, founder: first } = people;
    const removal = bert.remove(id, cora, null);
    roster.add([removal, first.admit(id, cora, 'member')]);
    assert.deepEqual(names(), ['anna', 'bert', 'founder']);
    assert.deepEqual(roster.chainOf(cora.nodeId), []);
    const former = roster.former.get(cora.nodeId);
    assert.deepEqual([former?.name, former?.how], ['cora', 'removed']);
    // What is told to cora holds by itself: how bert came to be an admin, and that he removed her.
    const told = roster.dismissalOf(cora.nodeId);
    assert.deepEqual(told.slice(-1), [removal]);
    const alone = new Roster(id, [...told, people.anna.signed[0] ?? assert.fail()]);
    assert.ok(!alone.members.has(cora.nodeId));
    assert.deepEqual(roster.dismissalOf(bert.nodeId), []);
  });

  it('keeps what the removed one had signed by then, and nothing after it', () => {
    const { bert, cora, dora } = people;
    const before = cora.admit(id, dora, 'member');
    roster.add([before]);
    const late = cora.admit(id, eve, 'admin');
    roster.add([bert.remove(id, cora, before.id), late, eve.admit(id, anna, 'admin')]);
    assert.deepEqual(names(), ['anna', 'bert', 'dora', 'founder']);
    // Signed afterwards, for a place that was used before.
    cora.rewind(undefined);
    roster.add([cora.admit(id, eve, 'admin'), cora.remove(id, bert, null)]);
    assert.deepEqual(names(), ['anna', 'bert', 'dora', 'founder']);
    assert.equal(roster.former.get(cora.nodeId)?.how, 'removed');
  });

  it('lets a junior remove a senior, with all that rests on what the senior signed meanwhile', () => {
    const { anna: senior, bert: junior, dora } = people;
    const removal = junior.remove(id, senior, lastOf(senior));
    roster.add([senior.admit(id, dora, 'admin'), dora.admit(id, eve, 'member')]);
    assert.ok(names().includes('eve'));
    roster.add([removal]);
    assert.deepEqual(names(), ['bert', 'cora', 'founder']);
  });

  it('keeps out who was removed and is named an admin; but who removed it may come back by that', () => {
    const { anna, bert, cora, dora, founder: first } = people;
    const fay = new Actor('fay');
    // Cora, who is senior to fay, removes dora; fay removes cora, and leaves nothing of what she said.
    roster.add([
      bert.admit(id, fay, 'admin'),
      first.admit(id, dora, 'member'),
      cora.remove(id, dora, null),
      first.remove(id, dora, null),
      fay.remove(id, cora, null),
    ]);
    assert.deepEqual(names(), ['anna', 'bert', 'fay', 'founder']);
    for (const as of ['storage', 'member'] as const) {
      const late = roster.clone();
      late.add([anna.admit(id, dora, as)]);
      assert.deepEqual(names(late), names());
    }
    roster.add([first.admit(id, dora, 'admin')]);
    assert.deepEqual(names(), ['anna', 'bert', 'cora', 'fay', 'founder']);
    // That the founder could have had without dora: by taking back what fay said.
    roster.add([first.remove(id, fay, null)]);
    assert.deepEqual(names(), ['anna', 'bert', 'cora', 'founder']);
  });

  it('keeps the senior of two that remove each other, in either order', () => {
    const { anna: senior, bert: junior } = people;
    const removals = [
      junior.remove(id, senior, lastOf(senior)),
      senior.remove(id, junior, lastOf(junior)),
    ];
    for (const order of [removals, removals.toReversed()]) {
      const both = roster.clone();
      for (const removal of order) both.add([removal]);
      assert.deepEqual(names(both), ['anna', 'cora', 'founder']);
    }
  });

  it('keeps a senior whose removal would undo what it rests on', () => {
    const { anna: senior, cora } = people;
    // Cora is an admin by what anna signed, and would cut off just that.
    roster.add([cora.remove(id, senior, null)]);
    assert.deepEqual(names(), ['anna', 'bert', 'cora', 'founder']);
    assert.ok(!roster.accepted.some(({ body }) => body.t === 'remove'));
  });

  it('removes neither the founder nor oneself', () => {
    const { anna: admin, bert, founder: first } = people;
    roster.add([bert.remove(id, first, null), admin.remove(id, admin, lastOf(admin))]);
    assert.deepEqual(names(), ['anna', 'bert', 'cora', 'founder']);
  });

  it('suspends who signs two records for one place, from there on, and keeps both as proof', () => {
    const { bert, dora } = people;
    const good = bert.admit(id, dora, 'member');
    const first = bert.admit(id, eve, 'member');
    bert.rewind(good);
    const second = bert.lost(id, people.anna);
    roster.add([good, first]);
    roster.add([second]);
    assert.deepEqual(names(), ['anna', 'cora', 'dora', 'founder']);
    assert.equal(roster.lost.size, 0);
    const former = roster.former.get(bert.nodeId);
    assert.deepEqual([former?.how, former?.because], ['suspended', [first, second]]);
    assert.ok(!new Roster(id, roster.dismissalOf(bert.nodeId)).members.has(bert.nodeId));
    // An admin who knew the first one before can give it back its force, by removing the signer behind it.
    assert.equal(roster.lastOf(bert.nodeId), first);
    roster.add([people.anna.remove(id, bert, first.id)]);
    assert.deepEqual(names(), ['anna', 'cora', 'dora', 'eve', 'founder']);
  });

  it('finds the record that a removal names behind any number of others at its place', () => {
    const { anna: admin, bert, dora } = people;
    const variants = [0, 1, 2, 3, 4].map((at) => {
      bert.rewind(undefined);
      const variant = bert.admit(id, at === 4 ? dora : new Actor(`other ${String(at)}`), 'member');
      return [variant, bert.lost(id, dora)] as const;
    });
    const [meant, after] = variants[4] ?? assert.fail();
    roster.add(variants.flat());
    // Two at a place are kept: all five would be no more of a proof.
    const ofBert = () =>
      roster.records.filter(({ body }) => Buffer.compare(body.signer, bert.id) === 0);
    assert.equal(ofBert().length, 4);
    assert.ok(!roster.has(meant.id));
    const peer = new Roster(id, roster.records);
    const removal = admin.remove(id, bert, after.id);
    roster.add([removal]);
    assert.deepEqual(names(), ['anna', 'cora', 'dora', 'founder']);
    assert.deepEqual([...roster.lost], [dora.nodeId]);
    // One to whom the others were told when it had no use for them knows that something is missing.
    peer.add([removal]);
    assert.ok(peer.incomplete);
    assert.deepEqual(names(peer), ['anna', 'cora', 'founder']);
    peer.add([meant, after]);
    assert.ok(!peer.incomplete);
    assert.deepEqual(names(peer), names());
  });

  it('keeps the others’ records whatever one signer floods it with', () => {
    const { bert, cora } = people;
    const flood = Array.from({ length: 20 }, (_, at) => {
      bert.rewind(undefined);
      const other = new Actor(`other ${String(at)}`);
      return Array.from({ length: 40 }, () => bert.lost(id, other));
    });
    for (const batch of flood) roster.add(batch);
    // Two at each place; what comes after it at any place finds room as before.
    assert.equal(roster.records.filter(({ body }) => body.t === 'lost').length, 2 * 40);
    roster.add([cora.admit(id, people.dora, 'member')]);
    assert.ok(names().includes('dora'));
  });

  it('bounds the chain of a signer by its place alone', () => {
    const { bert } = people;
    const far = signRecord(
      {
        ...{
          t: 'lost',
          v: 1,
          signer: bert.id,
          seq: membershipLimits.places,
          prev: new Uint8Array(32),
        },
        ...{ group: fromHex(id), member: eve.id },
      },
      bert.sign,
    );
    assert.deepEqual(roster.add([far]), []);
    assert.ok(!roster.incomplete);
  });

  it('has those wait that come before what they rest on', () => {
    const { bert, dora } = people;
    const named = bert.admit(id, dora, 'admin');
    assert.deepEqual(roster.add([dora.admit(id, eve, 'member')]), []);
    assert.equal(roster.add([named]).length, 2);
    assert.ok(names().includes('eve'));
  });

  it('lets nobody sign on a chain of which something is missing', () => {
    const { bert, dora } = people;
    bert.admit(id, dora, 'member');
    roster.add([bert.lost(id, dora)]);
    assert.ok(roster.incomplete);
    assert.throws(
      () => roster.nextPlace(bert.nodeId),
      (error) => PeerError.is(error, 'integrity') && error.hint !== undefined,
    );
    roster.add(bert.signed);
    assert.equal(roster.nextPlace(bert.nodeId).seq, 2);
  });

  it('knows who stores only, who is promoted, and who holds nothing any more', () => {
    const { bert, dora } = people;
    roster.add([bert.admit(id, dora, 'storage'), bert.lost(id, people.cora)]);
    assert.equal(roster.members.get(dora.nodeId)?.role, 'storage');
    assert.deepEqual(roster.readers.map(({ name }) => name).sort(), [
      'anna',
      'bert',
      'cora',
      'founder',
    ]);
    assert.deepEqual([...roster.lost], [people.cora.nodeId]);
    assert.ok(names().includes('cora'));
    roster.add([people.anna.admit(id, dora, 'member')]);
    assert.equal(roster.members.get(dora.nodeId)?.role, 'member');
    // Nobody is put down by being admitted again.
    roster.add([people.anna.admit(id, dora, 'storage')]);
    assert.equal(roster.members.get(dora.nodeId)?.role, 'member');
  });
});
