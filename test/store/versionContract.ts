import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { StateStore, Store } from '../../src/store/store.js';
import { made, type Change } from './stateContract.js';
import type { StoreHarness } from './storeContract.js';
import { tombstoneOf } from './tombstoneContract.js';

const lineage = 'ab'.repeat(16);
const authorId = 'a'.repeat(64);

/** The order of versions, and which of them is the newest. */
export function versionContract(harness: StoreHarness): void {
  let store: Store;
  let state: StateStore;
  beforeEach(async () => {
    store = await harness.open();
    state = store.state;
  });
  afterEach(() => store.close());

  type Made = ReturnType<typeof made>;
  const version = (number: number, change: Change = {}): Made =>
    made(number, { lineage, name: 'a', ...change });
  const publish = async (...all: readonly Made[]): Promise<void> => {
    for (const one of all) await state.take([one.fact, ...one.words(3)]);
  };
  const idsOf = (all: readonly { readonly shareId: string }[]): string[] =>
    all.map(({ shareId }) => shareId);
  const newest = async (): Promise<string[]> =>
    idsOf(await state.findShares({ name: 'a', newest: true }, 9));
  const versions = async (): Promise<string[]> =>
    idsOf(await state.versions(authorId, lineage, 99));

  it('follows the chain, whatever the clocks and in whatever order they come', async () => {
    const times = fc.array(fc.nat(50), { minLength: 5, maxLength: 5 });
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(times, order, async (clocks, places) => {
        const chain: Made[] = [];
        for (const [number, createdAt] of clocks.entries()) {
          const before = chain.at(-1);
          const prev = before === undefined ? {} : { predecessor: before.shareId };
          chain.push(version(number, { createdAt, ...prev }));
        }
        await publish(...places.flatMap((place) => chain[place] ?? []));
        const newestFirst = idsOf([...chain].reverse());
        assert.deepEqual(await versions(), newestFirst);
        assert.deepEqual(await newest(), newestFirst.slice(0, 1));
        await state.take(chain.map(({ shareId }) => tombstoneOf(shareId)));
      }),
      { numRuns: 25 },
    );
  });

  it('keeps both sides of a fork, and takes the clocks where nothing else tells', async () => {
    const first = version(1, { createdAt: 5000 });
    const sides = [10, 20].map((createdAt, index) =>
      version(2 + index, { createdAt, predecessor: first.shareId }),
    );
    const [early, late] = sides;
    assert.ok(early && late);
    await publish(late, first, early);
    assert.deepEqual(await versions(), idsOf([late, early, first]));
    assert.deepEqual(await newest(), [late.shareId]);
    const rows = await state.versions(authorId, lineage, 9);
    // Nobody says that one side replaces the other.
    assert.deepEqual(
      rows.map(({ replacedAt }) => replacedAt),
      [null, null, 10],
    );
  });

  it('takes no predecessor of another file or author for one', async () => {
    const future = version(1, { createdAt: 9000, authorId: 'b'.repeat(64) });
    const own = version(2, { createdAt: 10, predecessor: future.shareId });
    const next = version(3, { createdAt: 20 });
    await publish(future, own, next);
    assert.deepEqual(await versions(), idsOf([next, own]));
    assert.equal((await state.versions(future.share.authorId, lineage, 9))[0]?.replacedAt, null);
  });

  it('is not led round in a circle', async () => {
    const one = version(1);
    const two = version(2, { predecessor: one.shareId });
    const circle = { ...one.fact, share: { ...one.share, predecessor: two.shareId } };
    await state.take([two.fact, ...two.words(3), circle, ...one.words(3)] as never);
    assert.equal((await versions()).length, 2);
    assert.equal((await newest()).length, 1);
  });

  it('shows the one before when the newest is deleted, and holds the chain together', async () => {
    const one = version(1, { createdAt: 30 });
    const two = version(2, { createdAt: 20, predecessor: one.shareId });
    const three = version(3, { createdAt: 10, predecessor: two.shareId });
    await publish(one, two, three);
    await state.take([tombstoneOf(two.shareId)]);
    assert.deepEqual(await versions(), idsOf([three, one]));
    assert.deepEqual(
      (await state.versions(authorId, lineage, 9)).map(({ replacedAt }) => replacedAt),
      [null, 10],
    );
    await state.take([tombstoneOf(three.shareId)]);
    assert.deepEqual(await newest(), [one.shareId]);
    assert.equal((await state.versions(authorId, lineage, 9))[0]?.replacedAt, null);
  });

  it('lists the newest alone, or all of them, and counts files', async () => {
    const one = version(1);
    const two = version(2, { predecessor: one.shareId });
    const other = made(3, { name: 'b' });
    await publish(one, two, other);
    const list = async (all: boolean, order: 'newest' | 'name' = 'newest'): Promise<string[]> => {
      const { rows } = await state.listText({ order, cursor: null, limit: 9, versions: all });
      return (JSON.parse(rows) as string[][]).map((row) => row.at(-1) ?? '');
    };
    assert.deepEqual(await list(false), idsOf([other, two]));
    assert.deepEqual(await list(true), idsOf([other, two, one]));
    assert.deepEqual(await list(false, 'name'), idsOf([two, other]));
    assert.deepEqual(idsOf((await state.listShares(null, 9)).shares), idsOf([other, two]));
    assert.deepEqual([await state.countFiles(), await state.countShares()], [2, 3]);
  });

  it('names the files that have older versions, page after page', async () => {
    const lineages = ['11', '22', '33'].map((byte) => byte.repeat(16));
    for (const [index, own] of lineages.entries()) {
      const one = made(index * 2, { lineage: own });
      await publish(one, made(index * 2 + 1, { lineage: own, predecessor: one.shareId }));
    }
    await publish(made(10), made(11, { lineage: '22'.repeat(16), authorId: 'b'.repeat(64) }));
    const page = await state.lineagesWithVersions(authorId, null, 2);
    assert.deepEqual(page, lineages.slice(0, 2));
    assert.deepEqual(
      await state.lineagesWithVersions(authorId, page.at(-1) ?? null, 2),
      lineages.slice(2),
    );
    assert.deepEqual(await state.lineagesWithVersions('c'.repeat(64), null, 9), []);
  });
}
