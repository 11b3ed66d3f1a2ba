import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import {
  liveShards,
  missingShards,
  spareOf,
  type Holding,
  type ShareCensus,
} from '../../../src/peer/repair/census.js';
import { standingOf, usualGrace, type HolderFacts } from '../../../src/peer/repair/grace.js';
import { isTurnOf, mostEndangeredFirst, planRepair } from '../../../src/peer/repair/plan.js';
import { preferred, type Candidate } from '../../../src/peer/placement.js';
import { moveOf, surplusOf } from '../../../src/peer/repair/surplus.js';

const nodes = Array.from({ length: 9 }, (_, at) => (at + 1).toString(16).padStart(64, '0'));
const shareId = 'ab'.repeat(16);
const [author = ''] = nodes;

const candidates = (of: readonly string[], stays = true): Candidate[] =>
  of.map((nodeId) => ({ nodeId, stays }));
const census = (holdings: readonly Holding[], k = 2, n = 4): ShareCensus => ({
  ...{ shareId, authorId: author, k, n, holdings },
});
const live = (holderId: string, shard: number): Holding => ({ holderId, shard, standing: 'live' });

/** Any members hold any shards, in any standing; nobody more than one. */
const anyCensus = fc
  .record({
    n: fc.integer({ min: 2, max: 5 }),
    words: fc.array(
      fc.record({
        shard: fc.nat(4),
        standing: fc.constantFrom<Holding['standing']>('live', 'live', 'damaged', 'gone'),
      }),
      { maxLength: nodes.length },
    ),
    order: fc.shuffledSubarray(nodes, { minLength: nodes.length }),
  })
  .map(({ n, words, order }) =>
    census(
      words
        .filter(({ shard }) => shard < n)
        .map((word, at) => ({ ...word, holderId: order[at] ?? '' })),
      2,
      n,
    ),
  );
const anyReachable = fc.subarray(nodes, { minLength: 1 });

describe('whose word counts', () => {
  const there: HolderFacts = {
    ...{ isMember: true, isLost: false, isOnline: false, awayMs: 0, stays: true, damage: null },
  };
  const hour = 3_600_000;
  const standing = (facts: Partial<HolderFacts>): string =>
    standingOf({ ...there, ...facts }, usualGrace);

  it('waits a day for who promised to stay, a week for others, and for nobody who is lost', () => {
    assert.equal(standing({ awayMs: 24 * hour - 1 }), 'live');
    assert.equal(standing({ awayMs: 24 * hour }), 'gone');
    assert.equal(standing({ awayMs: 24 * hour, stays: false }), 'live');
    assert.equal(standing({ awayMs: 7 * 24 * hour, stays: false }), 'gone');
    assert.equal(standing({ awayMs: 9e9, isOnline: true }), 'live');
    assert.equal(standing({ isLost: true, isOnline: true }), 'gone');
    assert.equal(standing({ isMember: false, isOnline: true }), 'gone');
  });

  it('believes what was found before what was signed', () => {
    assert.equal(standing({ damage: 'damaged', isOnline: true }), 'damaged');
    assert.equal(standing({ damage: 'lied', isOnline: true }), 'gone');
  });
});

describe('preference among holders', () => {
  it('is one order on all peers that know the same, and moves only whom it has to', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(nodes, { minLength: 2 }), (some) => {
        const order = preferred(shareId, author, candidates(some));
        assert.deepEqual(order, preferred(shareId, author, candidates([...some].reverse())));
        const [gone, ...rest] = some;
        assert.deepEqual(
          preferred(shareId, author, candidates(rest)),
          order.filter((nodeId) => nodeId !== gone),
        );
        assert.ok(!some.includes(author) || order.at(-1) === author);
      }),
    );
  });

  it('puts those that promised to stay first', () => {
    const [, a = '', b = '', c = '', d = ''] = nodes;
    const order = preferred(shareId, author, [
      ...candidates([a, b], false),
      ...candidates([c, d, author]),
    ]);
    assert.deepEqual(new Set(order.slice(0, 2)), new Set([c, d]));
    assert.equal(order[4], author);
  });
});

describe('the plan of a repair', () => {
  it('covers every missing shard once, and gives nobody a second one', () => {
    fc.assert(
      fc.property(anyCensus, anyReachable, (one, reachable) => {
        const { make, mend, takers } = planRepair(one, candidates(reachable));
        const covered = [...make, ...mend.map(({ shard }) => shard)].sort((a, b) => a - b);
        assert.deepEqual(covered, missingShards(one));
        assert.equal(covered.length + liveShards(one).length, one.n);
        assert.equal(spareOf(one), liveShards(one).length - one.k);
        const holders = one.holdings.map(({ holderId }) => holderId);
        assert.ok(takers.every((taker) => reachable.includes(taker) && !holders.includes(taker)));
        assert.equal(new Set(takers).size, takers.length);
        for (const { shard, holderId } of mend) {
          assert.ok(reachable.includes(holderId));
          assert.ok(one.holdings.some((h) => h.holderId === holderId && h.shard === shard));
        }
      }),
    );
  });

  it('takes the most endangered share first', () => {
    const share = (id: string, spare: number) => ({ shareId: id, spare });
    const shares = [share('b', 1), share('c', 0), share('a', 1), share('d', -1)];
    assert.deepEqual(
      mostEndangeredFirst(shares).map((one) => one.shareId),
      ['d', 'c', 'a', 'b'],
    );
  });

  it('gives the turn to one holder at first, and to every other in time', () => {
    fc.assert(
      fc.property(anyReachable, fc.nat(1000), (holders, turnMs) => {
        const order = preferred(shareId, author, candidates(holders));
        const acting = (sinceMs: number): string[] =>
          order.filter((self) => isTurnOf(self, order, sinceMs, turnMs + 1));
        assert.deepEqual(acting(0), order.slice(0, 1));
        assert.deepEqual(acting((turnMs + 1) * order.length), order);
        assert.ok(!isTurnOf('stranger', order, 1e9, 1));
      }),
    );
  });
});

describe('surplus', () => {
  it('is never seen by all holders of a shard that agree on the order, and not while others can take what is missing', () => {
    fc.assert(
      fc.property(anyCensus, (one) => {
        const all = candidates(nodes);
        const dropped = one.holdings.filter(
          ({ holderId }) => surplusOf(holderId, one, all) !== null,
        );
        const left = { ...one, holdings: one.holdings.filter((h) => !dropped.includes(h)) };
        assert.deepEqual(missingShards(left), missingShards(one));
        const isFree = one.holdings.length < nodes.length;
        if (missingShards(one).length > 0 && isFree) assert.deepEqual(dropped, []);
        for (const { holderId } of dropped) {
          const { shard, relyOn = [] } = surplusOf(holderId, one, all) ?? {};
          for (const other of relyOn) {
            assert.ok(
              one.holdings.some(
                (h) => h.holderId === other && h.shard === shard && h.standing === 'live',
              ),
            );
          }
        }
      }),
    );
  });

  it('is nothing that one signs for who signs for every shard: all would drop theirs for it', () => {
    const [liar = '', ...honest] = nodes.slice(0, 5);
    for (const order of [nodes, nodes.toReversed()]) {
      const all = candidates(order);
      const one = census([
        ...[0, 1, 2, 3].map((shard) => live(liar, shard)),
        ...honest.map((holderId, shard) => live(holderId, shard)),
      ]);
      const dropped = honest.filter((holderId) => surplusOf(holderId, one, all) !== null);
      assert.ok(dropped.length <= 1, `${String(dropped.length)} rely on it`);
      const alone = census([0, 1, 2, 3].map((shard) => live(liar, shard)));
      assert.deepEqual(missingShards(alone), [1, 2, 3]);
    }
  });

  it('goes down to one holder a shard', () => {
    const four = [0, 1, 2, 3].map((shard) => live(nodes[shard] ?? '', shard));
    const five = census([...four, live(nodes[4] ?? '', 2)]);
    const dropping = five.holdings.filter(
      ({ holderId }) => surplusOf(holderId, five, candidates(nodes)) !== null,
    );
    assert.equal(dropping.length, 1);
    assert.equal(dropping[0]?.shard, 2);
  });
});

describe('surplus while something is missing', () => {
  const holders = nodes.slice(1, 5);
  const crowded = census(holders.map((holderId, at) => live(holderId, Math.min(at, 2))));
  const dropping = (of: readonly string[]): string[] =>
    holders.filter((self) => surplusOf(self, crowded, candidates(of)) !== null);

  it('is dropped by one holder where nobody else could take what is missing, and by nobody where one could', () => {
    const [one = assert.fail(), ...more] = dropping(holders);
    assert.deepEqual(more, []);
    assert.deepEqual(dropping(nodes), []);
    const left = census(crowded.holdings.filter(({ holderId }) => holderId !== one));
    assert.deepEqual(planRepair(left, candidates(holders)).takers, [one]);
  });
});

describe('moves to newcomers', () => {
  const holders = nodes.slice(1, 5);
  const settled = census(holders.map((holderId, shard) => live(holderId, shard)));

  it('go to free places of the ideal placement, each holder to its own, until it is reached', () => {
    fc.assert(
      fc.property(anyReachable, (newcomers) => {
        const all = candidates([...new Set([...holders, ...newcomers])]);
        let now = settled;
        for (let step = 0; step <= nodes.length; step++) {
          const moves = now.holdings.flatMap(({ holderId }) => {
            const move = moveOf(holderId, now, all);
            return move === null ? [] : [{ ...move, from: holderId }];
          });
          assert.equal(new Set(moves.map(({ to }) => to)).size, moves.length);
          if (moves.length === 0) break;
          assert.ok(step < nodes.length);
          now = census(
            now.holdings.map((one) => {
              const move = moves.find(({ from }) => from === one.holderId);
              return move === undefined ? one : live(move.to, move.shard);
            }),
          );
        }
        const ideal = preferred(shareId, author, all).slice(0, 4);
        assert.deepEqual(new Set(now.holdings.map(({ holderId }) => holderId)), new Set(ideal));
      }),
    );
  });

  it('are not made while something is missing, held twice, or a holder is away', () => {
    const all = candidates(nodes);
    const [first, ...rest] = settled.holdings;
    assert.ok(first);
    for (const other of [
      census(rest),
      census([...settled.holdings, live(nodes[7] ?? '', 0)]),
      census([{ ...first, standing: 'gone' }, ...rest]),
    ]) {
      for (const { holderId } of other.holdings) assert.equal(moveOf(holderId, other, all), null);
    }
    // The one that is away keeps its place, so that one place less is free.
    const withoutFirst = candidates(nodes.filter((nodeId) => nodeId !== first.holderId));
    const moves = rest.filter(({ holderId }) => moveOf(holderId, settled, withoutFirst) !== null);
    assert.ok(moves.length <= 3);
  });
});
