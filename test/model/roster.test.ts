import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { toHex } from '../../src/common/bytes.js';
import { Roster } from '../../src/peer/membership/roster.js';
import { nodeIdOfSpki, roles, type Role, type RosterRecord } from '../../src/protocol/records.js';
import { Actor } from '../peer/support/actor.js';
import { reference } from '../peer/support/rosterReference.js';

/** People of every history: the first one founds the group. */
const population = 9;
const key = new Uint8Array(32).fill(1);
const person = fc.nat({ max: population - 1 });
/** Mostly an admin that the group began with, sometimes anybody. */
const signer = fc.oneof(
  { weight: 5, arbitrary: fc.nat({ max: 4 }) },
  { weight: 1, arbitrary: person },
);
/** Which of several earlier records: by its share of them. */
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('admit' as const),
      by: signer,
      who: person,
      role: fc.constantFrom(...roles, 'admin' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('remove' as const),
      by: signer,
      who: person,
      /** What the signer accepts of it: all that it knows, nothing, something earlier, or what nobody signed. */
      last: fc.constantFrom(
        'known' as const,
        'known' as const,
        'none' as const,
        'old' as const,
        'made up' as const,
      ),
      at: share,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('lost' as const), by: signer, who: person }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('grant' as const), by: signer, who: person }),
  },
  /** Takes in all that another one knows. */
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('meet' as const), by: signer, who: person }),
  },
  /** Goes on behind an earlier record: its next one lies at a place that was used. */
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('rewind' as const), by: signer, at: share }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('forge' as const),
      by: signer,
      as: person,
      who: person,
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface History {
  readonly groupId: string;
  readonly people: readonly Actor[];
  /** All that was signed, in the order of time. */
  readonly records: readonly RosterRecord[];
  readonly forged: ReadonlySet<RosterRecord>;
}

// Keys are dear to make; chains begin anew with each history.
const keys = Array.from({ length: population }, (_, index) => new Actor(`p${String(index)}`));

/** Everybody signs whatever it likes, out of what it knows: nobody asks whether it may. */
function play(steps: readonly Step[]): History {
  const people = keys;
  for (const one of people) one.rewind(undefined);
  const of = (index: number): Actor => people[index] ?? assert.fail();
  const genesis = of(0).genesis();
  const groupId = genesis.id;
  const records: RosterRecord[] = [genesis];
  const forged = new Set<RosterRecord>();
  const signed = new Map(people.map((one) => [one, one === of(0) ? [genesis] : []]));
  const known = new Map(people.map((one) => [one, new Set([genesis])]));
  const keep = (by: Actor, record: RosterRecord): void => {
    records.push(record);
    signed.get(by)?.push(record);
    known.get(by)?.add(record);
  };
  // The founder named two admins, and each of them another one, before they parted.
  for (const [by, who] of [
    [0, 1],
    [0, 2],
    [1, 3],
    [2, 4],
  ] as const) {
    keep(of(by), of(by).admit(groupId, of(who), 'admin'));
  }
  for (const one of known.values()) for (const record of records) one.add(record);
  for (const one of steps) {
    const by = of(one.by);
    const own = signed.get(by) ?? [];
    switch (one.do) {
      case 'admit':
        keep(by, by.admit(groupId, of(one.who), one.role));
        break;
      case 'remove':
        keep(by, by.remove(groupId, of(one.who), lastOf(one, of(one.who), known.get(by))));
        break;
      case 'lost':
        keep(by, by.lost(groupId, of(one.who)));
        break;
      case 'grant':
        keep(by, by.grant(groupId, of(one.who), key));
        break;
      case 'meet':
        for (const record of known.get(of(one.who)) ?? []) known.get(by)?.add(record);
        break;
      case 'rewind': {
        const to = own[Math.floor(one.at * own.length)];
        by.rewind(to);
        break;
      }
      case 'forge': {
        const as = of(one.as);
        if (as === by) break;
        const record = by.admit(groupId, of(one.who), 'admin', as);
        by.rewind(own.at(-1));
        records.push(record);
        forged.add(record);
      }
    }
  }
  return { groupId, people, records, forged };
}

function lastOf(
  { last, at }: Extract<Step, { do: 'remove' }>,
  who: Actor,
  known: ReadonlySet<RosterRecord> | undefined,
): string | null {
  const theirs = [...(known ?? [])].filter(({ body }) => Buffer.compare(body.signer, who.id) === 0);
  if (last === 'made up') return 'ab'.repeat(32);
  if (last === 'none' || theirs.length === 0) return null;
  return theirs[last === 'known' ? theirs.length - 1 : Math.floor(at * theirs.length)]?.id ?? null;
}

const histories = fc.array(step, { minLength: 4, maxLength: 30 });
/** An order of arrival, and how many come at a time. */
const arrival = fc.record({
  seed: fc.integer(),
  sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
});
type Arrival = typeof arrival extends fc.Arbitrary<infer A> ? A : never;
const allAtOnce: Arrival = { seed: 0, sizes: [Infinity] };

function deliver({ groupId, records }: History, { seed, sizes }: Arrival): Roster {
  const roster = new Roster(groupId);
  const order = shuffled(records, seed);
  for (let at = 0, turn = 0; at < order.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    roster.add(order.slice(at, at + size));
    at += size;
  }
  return roster;
}

/** The same order for the same seed; as it is for seed 0. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = [...items];
  let state = seed;
  for (let at = order.length - 1; seed !== 0 && at > 0; at--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (at + 1));
    [order[at], order[other]] = [order[other] as T, order[at] as T];
  }
  return order;
}

function summary(roster: Roster): object {
  return {
    members: [...roster.members.values()]
      .map(({ nodeId, role, admission }) => [nodeId, role, admission.id].join(' '))
      .sort(),
    former: [...roster.former.values()].map(({ nodeId, how }) => `${nodeId} ${how}`).sort(),
    lost: [...roster.lost].sort(),
    counting: roster.accepted.map(({ id }) => id).sort(),
    admins: roster.admins,
    epochs: roster.epochs.current,
  };
}

describe('the rules of the roster', () => {
  it('come to the same on every peer, in whatever order and batches records came, and through others', () => {
    fc.assert(
      fc.property(
        histories,
        arrival,
        arrival,
        fc.nat({ max: 40 }),
        (steps, first, second, part) => {
          const history = play(steps);
          const { groupId, records } = history;
          const one = deliver(history, first);
          const two = deliver(history, second);
          assert.deepEqual(summary(two), summary(one));
          // A third one knows a part, and hears the rest from those two only.
          const three = deliver({ ...history, records: records.slice(0, part) }, second);
          three.add([...two.records].reverse());
          three.add(one.records);
          assert.deepEqual(summary(three), summary(one));
          // Whoever reads the log of a peer in its order needs nothing twice.
          const four = new Roster(groupId);
          for (const record of one.records) assert.deepEqual(four.add([record]), [record]);
          assert.deepEqual(summary(four), summary(one));
          assert.deepEqual(summary(one.clone()), summary(one));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are those that PROTOCOL.md tells', () => {
    fc.assert(
      fc.property(histories, arrival, (steps, order) => {
        const history = play(steps);
        const roster = deliver(history, order);
        const genuine = history.records.filter((record) => !history.forged.has(record));
        const expected = reference(history.groupId, genuine);
        const { counting, members, lost } = expected;
        const found = {
          counting: new Set(roster.accepted.map(({ id }) => id)),
          members: new Map([...roster.members].map(([nodeId, { role }]) => [nodeId, role])),
          lost: roster.lost,
        };
        assert.deepEqual(found, { counting, members, lost });
        for (const { nodeId, how } of roster.former.values()) {
          assert.equal(how, expected.removed.has(nodeId) ? 'removed' : 'suspended');
          if (how === 'suspended') assert.ok(expected.suspended.has(nodeId));
        }
      }),
      { numRuns: 150 },
    );
  });

  /** Of a history: its roster, and somebody of it who signs its next record where it belongs. */
  const settled = (steps: readonly Step[]) => {
    const history = play(steps);
    const roster = deliver(history, allAtOnce);
    const person = (nodeId: string): Actor =>
      history.people.find((one) => one.nodeId === nodeId) ?? assert.fail();
    const next = (nodeId: string): Actor => {
      const { prev } = roster.nextPlace(nodeId);
      person(nodeId).rewind(roster.records.find(({ id }) => prev !== null && id === toHex(prev)));
      return person(nodeId);
    };
    return { ...history, history, roster, person, next };
  };

  it('let nobody change anything who was not named an admin', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { history, roster } = settled(steps);
        const named = new Set([roster.founder]);
        for (const { body } of roster.accepted) {
          if (body.t === 'admit' && body.role === 'admin') named.add(nodeIdOfSpki(body.spki));
        }
        const records = history.records.filter(({ body }) => named.has(toHex(body.signer)));
        assert.deepEqual(summary(deliver({ ...history, records }, allAtOnce)), summary(roster));
      }),
    );
  });

  it('leave nobody in who was not admitted by an admin, and so on back to the founder', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { groupId, roster } = settled(steps);
        const counting = new Set(roster.accepted);
        for (const nodeId of roster.members.keys()) {
          const chain = roster.chainOf(nodeId);
          assert.equal(chain[0]?.id, groupId);
          const admitted = chain.map(({ body }) => {
            assert.ok(body.t === 'genesis' || body.t === 'admit');
            return nodeIdOfSpki(body.spki);
          });
          assert.equal(admitted.at(-1), nodeId);
          chain.slice(1).forEach((record, index) => {
            assert.equal(toHex(record.body.signer), admitted[index]);
            assert.ok(counting.has(record));
          });
        }
      }),
    );
  });

  it('let nobody in again who was removed, whoever admits it', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { groupId, records, roster, person, next } = settled(steps);
        const removed = [...roster.former.values()].filter(({ how }) => how === 'removed');
        for (const { nodeId, role } of removed) {
          const admitted = (as: Role): Roster => {
            const late = roster.clone();
            const admits = roster.admins.map((admin) =>
              next(admin).admit(groupId, person(nodeId), as),
            );
            late.add(admits);
            assert.ok(admits.every(({ id }) => late.has(id)));
            return late;
          };
          assert.deepEqual([...admitted('member').members.keys()], [...roster.members.keys()]);
          // Named an admin it may be senior to who removed it, so that what it signed against that one comes to count.
          const signed = records.some(({ body }) => toHex(body.signer) === nodeId);
          if (!signed && role !== 'admin') assert.ok(!admitted('admin').members.has(nodeId));
        }
      }),
    );
  });

  it('keep the founder, who can remove anybody, unless it signs a place twice', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { groupId, records, forged, roster, person, next } = settled(steps);
        const { founder } = roster;
        const signed = records.filter(
          (record) => toHex(record.body.signer) === founder && !forged.has(record),
        );
        // The same body signed again is the same record.
        const ids = new Set(signed.map(({ id }) => id));
        const once = ids.size === new Set(signed.map(({ body }) => body.seq)).size;
        assert.equal(roster.members.get(founder)?.role, once ? 'admin' : undefined);
        if (!once) return;
        for (const nodeId of roster.members.keys()) {
          if (nodeId === founder) continue;
          const last = roster.lastOf(nodeId)?.id ?? null;
          roster.add([next(founder).remove(groupId, person(nodeId), last)]);
          assert.equal(roster.former.get(nodeId)?.how, 'removed');
        }
        // Nor has any removal let somebody else in again.
        assert.deepEqual([...roster.members.keys()], [founder]);
      }),
    );
  });
});
