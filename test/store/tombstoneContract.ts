import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Fact, StateStore, Store } from '../../src/store/store.js';
import { made } from './stateContract.js';
import type { StoreHarness } from './storeContract.js';

/** How shares end. */
export function tombstoneContract(harness: StoreHarness): void {
  let store: Store;
  let state: StateStore;
  beforeEach(async () => {
    store = await harness.open();
    state = store.state;
  });
  afterEach(() => store.close());

  it('ends a share by its tombstone, whatever comes when', async () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6, maxLength: 6 });
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(order, sizes, async (places, pages) => {
        const one = made(0);
        const facts = [one.fact, ...one.words(4), tombstoneOf(one.shareId)];
        const deleted: string[] = [];
        for (let at = 0, page = 0; at < places.length; page++) {
          const size = pages[page % pages.length] ?? 1;
          const next = places.slice(at, at + size).flatMap((place) => facts[place] ?? []);
          deleted.push(...(await state.take(next)).deleted);
          at += size;
        }
        assert.deepEqual(deleted, [one.shareId]);
        await state.take(facts);
        assert.equal(await state.getShare(one.shareId), null);
        assert.deepEqual(await state.heldBy([one.shareId]), []);
        assert.deepEqual(await state.receipts(one.shareId), []);
        assert.deepEqual([...(await state.deletedSince([one.shareId])).keys()], [one.shareId]);
        assert.equal(await state.countShares(), 0);
        assert.ok([...(await state.shardsByHolder()).values()].every((shards) => shards === 0));
      }),
      { numRuns: 40 },
    );
    const log = await state.logAfter(0, 1000, 1 << 20);
    assert.deepEqual(new Set(log.map(({ kind }) => kind)), new Set(['tombstone']));
    assert.equal(log.length, 40);
  });

  it('ends that share alone', async () => {
    const [one, other] = [made(1), made(2)] as const;
    await state.take([one, other].flatMap((share) => [share.fact, ...share.words(3)]));
    await state.take([tombstoneOf(one.shareId)]);
    assert.deepEqual(await state.findShares({ name: 'file 1' }, 9), []);
    assert.equal((await state.findShares({ name: 'file 2' }, 9)).length, 1);
    assert.equal((await state.heldBy([one.shareId, other.shareId])).length, 3);
    // Each made-up holder signed for one shard of each of the two.
    assert.deepEqual([...(await state.shardsByHolder()).values()], [1, 1, 1]);
    assert.deepEqual(await state.deletedSince([other.shareId]), new Map());
  });

  it('gives back what the log kept of it, and no place in the log', async () => {
    const [one, other] = [made(1), made(2)] as const;
    await state.take([one.fact, ...one.words(4), other.fact]);
    await state.take([tombstoneOf(one.shareId)]);
    const log = await state.logAfter(0, 100, 1 << 20);
    assert.deepEqual(
      log.map(({ seq, kind }) => [seq, kind]),
      [
        [6, 'manifest'],
        [7, 'tombstone'],
      ],
    );
    assert.equal(await state.lastSeq(), 7);
    // Told again, it need not be looked at again.
    assert.deepEqual(await state.knownEntries([one.fact.id]), [one.fact.id]);
    const { added } = await state.take([one.fact, ...one.words(4), ...other.words(1)]);
    assert.deepEqual(
      added,
      other.words(1).map(({ id }) => id),
    );
    assert.equal(await state.lastSeq(), 8);
  });

  it('keeps one tombstone of each who signs', async () => {
    const { shareId } = made(1);
    const first = tombstoneOf(shareId);
    const again = { ...first, id: createHash('sha256').update('again').digest('hex') };
    const admin = tombstoneOf(shareId, 'b'.repeat(64));
    const taken = await state.take([first, again, admin, admin]);
    assert.deepEqual([taken.added, taken.deleted], [[first.id, admin.id], [shareId]]);
    assert.deepEqual((await state.take([again])).added, []);
  });

  it('counts the time that it runs over all runs, and remembers when a tombstone came', async () => {
    const dataDir = harness.dataDir();
    const first = await harness.open(dataDir);
    assert.equal(await first.state.addUptime(1000.4), 1000);
    assert.equal(await first.state.addUptime(-5), 1000);
    const { shareId } = made(1);
    await first.state.take([tombstoneOf(shareId)]);
    assert.equal(await first.state.addUptime(500), 1500);
    await first.state.take([tombstoneOf(shareId, 'b'.repeat(64))]);
    await first.close();
    const again = await harness.open(dataDir);
    assert.equal(await again.state.addUptime(0), 1500);
    assert.deepEqual(await again.state.deletedSince([shareId]), new Map([[shareId, 1000]]));
    await again.close();
  });
}

/** One whose signature nobody checks. */
export function tombstoneOf(shareId: string, signerId = 'a'.repeat(64)): Fact {
  const bytes = Buffer.from(`${shareId} ${signerId}`);
  const id = createHash('sha256').update(bytes).digest('hex');
  return { kind: 'tombstone', id, bytes, tombstone: { shareId, signerId } };
}
