import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { Roster } from '../../../src/peer/membership/roster.js';
import { decodeRecord, type RosterRecord } from '../../../src/protocol/records.js';
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
