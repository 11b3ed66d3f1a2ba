import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toHex } from '../../../src/common/bytes.js';
import { epochName } from '../../../src/peer/membership/epochKeys.js';
import { Roster } from '../../../src/peer/membership/roster.js';
import { Actor } from '../support/actor.js';

describe('Epochs', () => {
  const [founder, anna, bert, cora] = [
    new Actor('founder'),
    new Actor('anna'),
    new Actor('bert'),
    new Actor('cora'),
  ] as const;
  const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
  const name = (fill: number): string => toHex(epochName(key(fill)));
  let id: string;
  let roster: Roster;
  beforeEach(() => {
    for (const one of [founder, anna, bert, cora]) one.rewind(undefined);
    const genesis = founder.genesis();
    id = genesis.id;
    roster = new Roster(id, [
      genesis,
      founder.grant(id, founder, key(1)),
      founder.admit(id, anna, 'admin'),
      founder.grant(id, anna, key(1)),
      founder.admit(id, bert, 'member'),
      founder.grant(id, bert, key(1)),
    ]);
  });
  const last = (who: Actor): string | null => roster.lastOf(who.nodeId)?.id ?? null;

  it('are current while only readers know them', () => {
    assert.deepEqual(roster.epochs.current, [name(1)]);
    assert.deepEqual(roster.epochs.lacking(name(1)), []);
    roster.add([founder.remove(id, bert, null)]);
    assert.deepEqual(roster.epochs.current, []);
    roster.add([founder.grant(id, founder, key(2))]);
    assert.deepEqual(roster.epochs.current, [name(2)]);
    assert.deepEqual(roster.epochs.lacking(name(2)), [anna.nodeId]);
    assert.deepEqual([...roster.epochs.all].sort(), [name(1), name(2)].sort());
  });

  it('are none of them current after two removals at once, each with a key for the other’s removed', () => {
    roster.add([founder.admit(id, cora, 'member'), founder.grant(id, cora, key(1))]);
    const here = [founder.remove(id, bert, null), ...grants(founder, 2, founder, anna, cora)];
    const there = [anna.remove(id, cora, null), ...grants(anna, 3, anna, founder, bert)];
    roster.add([...here, ...there]);
    assert.deepEqual([...roster.members.values()].map((one) => one.name).sort(), [
      'anna',
      'founder',
    ]);
    assert.deepEqual(roster.epochs.current, []);
  });

  it('are current in the order of their names when two admins made one each', () => {
    roster.add([founder.remove(id, bert, null)]);
    roster.add([...grants(founder, 4, founder, anna), ...grants(anna, 5, anna, founder)]);
    assert.deepEqual(roster.epochs.current, [name(4), name(5)].sort());
  });

  it('are not current when whoever made them was removed, or reads nothing', () => {
    roster.add(grants(anna, 6, anna, founder, bert));
    assert.ok(roster.epochs.current.includes(name(6)));
    const storage = founder.admit(id, cora, 'storage');
    roster.add([storage, ...grants(founder, 7, founder, cora)]);
    assert.ok(!roster.epochs.current.includes(name(7)));
    assert.ok(!roster.epochs.lacking(name(6)).includes(cora.nodeId));
    roster.add([founder.remove(id, anna, last(anna))]);
    assert.deepEqual(roster.epochs.current, []);
  });

  it('are handed on, and never current, when their maker’s word does not count any more', () => {
    const cut = last(anna);
    roster.add(grants(anna, 8, anna, founder, bert));
    roster.add([founder.remove(id, anna, cut), ...grants(founder, 9, founder, bert)]);
    assert.deepEqual(roster.epochs.current, [name(9)]);
    // What was sealed with it meanwhile stays readable, also for those who come later.
    assert.ok(roster.epochs.all.has(name(8)));
    assert.ok(roster.grantsFor(bert.nodeId).some(({ epoch }) => toHex(epoch) === name(8)));
    roster.add([founder.grant(id, bert, key(8))]);
    assert.deepEqual(roster.epochs.current, [name(9)]);
    // A few of each signer: who was removed cannot make others sign without end.
    roster.add(Array.from({ length: 30 }, (_, index) => anna.grant(id, bert, key(100 + index))));
    assert.ok(roster.epochs.all.size < 12);
  });

  function grants(by: Actor, fill: number, ...to: Actor[]) {
    return to.map((who) => by.grant(id, who, key(fill)));
  }
});
