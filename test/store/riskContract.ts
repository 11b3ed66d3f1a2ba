import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Outlook, StateStore, Store } from '../../src/store/store.js';
import { made } from './stateContract.js';
import type { StoreHarness } from './storeContract.js';

const k = 2;
const holders = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, id: idOf(name) }));
const stranger = 'ef'.repeat(32);

/** Which holders, by their place in the list, keep a shard. */
type Held = readonly (readonly number[])[];

/** What hangs on whom, against a count by hand. */
export function riskContract(harness: StoreHarness): void {
  let store: Store;
  let state: StateStore;
  beforeEach(async () => {
    store = await harness.open();
    state = store.state;
  });
  afterEach(() => store.close());

  let next = 1;
  const publish = async (held: Held, change: Parameters<typeof made>[1] = {}): Promise<string> => {
    const one = made(next, change);
    next += 1;
    const words = held.flatMap((who, shard) =>
      who.flatMap((at) => one.words(4, holders[at]?.name)[shard] ?? []),
    );
    await state.take([one.fact, ...words]);
    return one.shareId;
  };

  it('tells what each holder’s leaving would cost, and who could make up for it', async () => {
    const subset = fc.subarray([0, 1, 2, 3, 4], { minLength: 0, maxLength: 2 });
    const share = fc.tuple(subset, subset, subset, subset);
    const some = fc.subarray([0, 1, 2, 3, 4]);
    const listed: Held[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.array(share, { minLength: 1, maxLength: 5 }),
        ...[some, some, fc.subarray([4]), fc.nat(4)],
        async (shares, online, takers, without, who) => {
          // In one store, which takes a while to open: each turn adds to what the turns before it left.
          for (const held of shares) await publish(held);
          listed.push(...shares.filter(isListed));
          const gone = without.map((at) => holders[at]?.id ?? '');
          assert.deepEqual(
            sorted(await state.risks({ without: gone })),
            sorted(
              holders.flatMap(({ id }, at) => {
                if (without.includes(at)) return [];
                const { lost, atRisk } = counted(listed, at, without, [], []);
                return lost + atRisk > 0 ? [{ holderId: id, lost, atRisk }] : [];
              }),
            ),
          );
          if (without.includes(who)) return;
          const others = (places: readonly number[]): number[] =>
            places.filter((at) => at !== who && !without.includes(at));
          const idsOf = (places: readonly number[]): string[] =>
            others(places).map((at) => holders[at]?.id ?? '');
          const query = { without: gone, holderId: holders[who]?.id ?? '' };
          assert.deepEqual(
            {
              ...(await state.outlook({ ...query, online: idsOf(online), takers: idsOf(takers) })),
            },
            counted(listed, who, without, others(online), others(takers)),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('counts as a taker who has never held anything', async () => {
    await publish([[0], [1], [2], [3]]);
    const query = { without: [], holderId: idOf('a'), online: ['b', 'c', 'd'].map(idOf) };
    const { repairable } = await state.outlook({ ...query, takers: [stranger] });
    assert.equal(repairable, 1);
    const none = await state.outlook({ ...query, takers: ['b', 'c', 'd'].map(idOf) });
    assert.deepEqual([none.repairable, none.notRepairable], [0, 1]);
  });

  it('names those that depend on a holder, the most endangered first, then by name', async () => {
    const safe = await publish([[0], [1], [2], [3]], { name: 'safe' });
    const lost = await publish([[0], [1], [1, 2], []], { name: 'z' }); // b keeps two, and c one of them
    await publish([[4], [1], [2], [3]], { name: 'not concerned' });
    const risky = await publish([[0], [1], [2], []], { name: 'b' });
    const alike = await publish([[0], [1], [2], []], { name: 'a' });
    const query = { without: [], holderId: idOf('a') };
    const all = await state.dependents(query, 10);
    assert.deepEqual(
      all.map(({ shareId, spare, spareWithout }) => [shareId, spare, spareWithout]),
      [
        [alike, 1, 0],
        [risky, 1, 0],
        [lost, 1, 0],
        [safe, 2, 1],
      ],
    );
    assert.equal((await state.dependents(query, 2)).length, 2);
    assert.deepEqual(await state.dependents(query, 0), []);
    assert.deepEqual(await state.dependents({ ...query, holderId: stranger }, 10), []);
    // Without c’s word, two shares have none to spare, and of one b keeps two of three parts.
    assert.deepEqual(
      sorted(await state.risks({ without: [idOf('c')] })),
      sorted([
        { holderId: idOf('a'), lost: 2, atRisk: 2 },
        { holderId: idOf('b'), lost: 3, atRisk: 2 },
        { holderId: idOf('d'), lost: 0, atRisk: 2 },
        { holderId: idOf('e'), lost: 0, atRisk: 1 },
      ]),
    );
  });

  it('leaves out older versions, and what is not listed', async () => {
    const lineage = 'ab'.repeat(16);
    const old = await publish([[0], [1], [2], []], { lineage });
    await publish([[0], [1], [2], [3]], { lineage, predecessor: old });
    await publish([[0], [1], [], []]);
    const query = { without: [], holderId: idOf('a'), online: [], takers: [] };
    assert.equal((await state.outlook(query)).shares, 1);
    assert.deepEqual(await state.risks({ without: [] }), []);
    assert.equal(await state.heldBytes(), 4 * 512);
  });

  it('finds shares by any part of their names', async () => {
    const names = ['Report 100%.pdf', 'report_2.pdf', 'a\\b', 'ÄRGER', 'other'];
    for (const name of names) await publish([[0], [1], [2], [3]], { name });
    const found = async (text: string): Promise<(string | null)[]> =>
      (await state.listShares(null, 10, text)).shares.map(({ name }) => name).reverse();
    assert.deepEqual(await found('REPORT'), names.slice(0, 2));
    assert.deepEqual(await found('%'), names.slice(0, 1));
    assert.deepEqual(await found('_'), names.slice(1, 2));
    assert.deepEqual(await found('\\'), names.slice(2, 3));
    assert.deepEqual(await found('ÄR'), names.slice(3, 4));
    assert.deepEqual(await found('none'), []);
    const first = await state.listShares(null, 1, 'rep');
    const second = await state.listShares(first.cursor, 1, 'rep');
    assert.deepEqual(
      [...first.shares, ...second.shares].map(({ name }) => name),
      names.slice(0, 2).reverse(),
    );
  });
}

function isListed(held: Held): boolean {
  const shards = held.filter((who) => who.length > 0).length;
  return Math.min(shards, new Set(held.flat()).size) >= k + 1;
}

/** By hand, one share after the other. */
function counted(
  shares: readonly Held[],
  who: number,
  without: readonly number[],
  online: readonly number[],
  takers: readonly number[],
): Outlook {
  const sum = { shares: 0, lost: 0, atRisk: 0, unreachable: 0, repairable: 0, notRepairable: 0 };
  for (const all of shares) {
    const held = all.map((places) => places.filter((at) => !without.includes(at)));
    if (!held.some((places) => places.includes(who))) continue;
    const sole = held.filter((places) => places.length === 1 && places[0] === who).length;
    const spare = held.filter((places) => places.length > 0).length - k;
    const reachable = held.filter((places) => places.some((at) => online.includes(at))).length;
    const free = takers.filter((at) => !held.flat().includes(at)).length;
    const isLost = spare >= 0 && spare < sole;
    sum.shares += 1;
    if (isLost) sum.lost += 1;
    if (sole > 0 && spare === sole) sum.atRisk += 1;
    if (spare >= sole && reachable < k) sum.unreachable += 1;
    if (sole === 0 || isLost) continue;
    if (reachable >= k && free >= sole) sum.repairable += 1;
    else sum.notRepairable += 1;
  }
  return sum;
}

function sorted<T extends { readonly holderId: string }>(rows: readonly T[]): T[] {
  return rows.map((row) => ({ ...row })).sort((a, b) => (a.holderId < b.holderId ? -1 : 1));
}

function idOf(name: string): string {
  return createHash('sha256').update(`holder ${name}`).digest('hex');
}
