import assert from 'node:assert/strict';
import type { HeldShard, ShardStore, Store } from '../../src/store/store.js';
import type { StoreHarness } from './storeContract.js';
import { makeShare, type MadeShare } from './support/makeShare.js';
import { commitShard, sealShard, stageShard } from './support/putShard.js';
import { rejectsWith } from './support/rejectsWith.js';

/** How shards go, and what others may take. */
export function removalContract(harness: StoreHarness): void {
  let dataDir: string;
  let store: Store;
  let shards: ShardStore;
  const reopen = async (): Promise<void> => {
    await store.close();
    store = await harness.open(dataDir);
    shards = store.shards;
  };
  beforeEach(async () => {
    dataDir = harness.dataDir();
    store = await harness.open(dataDir);
    shards = store.shards;
  });
  afterEach(() => store.close());

  const states = async (shareId: string): Promise<HeldShard['state'][]> =>
    (await shards.held(shareId)).map(({ state }) => state);
  const isServed = async (share: MadeShare, shard: number): Promise<void> => {
    const { bytes } = await shards.readPiece(share.shareId, shard, 0);
    assert.deepEqual(bytes, share.pieces[shard]?.[0]);
  };
  const isNotServed = async ({ shareId }: MadeShare, shard: number): Promise<void> => {
    await rejectsWith('not-found', () => shards.readPiece(shareId, shard, 0));
    await rejectsWith('not-found', () => shards.readHashes(shareId, shard));
    await rejectsWith('not-found', () => shards.scan(shareId, shard));
  };

  it('hides at once, and keeps the space, until it removes', async () => {
    const [share, other] = [makeShare(5000, 2, 1), makeShare(5000, 2, 1)];
    for (const shard of [0, 1]) await commitShard(shards, share, shard);
    await commitShard(shards, other, 0);
    await isServed(share, 0); // and stays open
    const before = await shards.storedBytes();
    await shards.hide(share.shareId);
    await shards.hide(share.shareId);
    for (const again of [false, true]) {
      if (again) await reopen();
      for (const shard of [0, 1]) await isNotServed(share, shard);
      assert.deepEqual(await states(share.shareId), ['hidden', 'hidden']);
      assert.equal(await shards.storedBytes(), before);
      await isServed(other, 0);
    }
    await shards.remove(share.shareId);
    await shards.remove(share.shareId);
    assert.equal(await shards.storedBytes(), before / 3);
    await reopen();
    assert.deepEqual(await states(share.shareId), []);
    assert.equal(await shards.storedBytes(), before / 3);
    await isServed(other, 0);
  });

  it('takes no COMMIT for what is hidden, and no upload', async () => {
    const share = makeShare(5000, 2, 1);
    await commitShard(shards, share, 0);
    await shards.hide(share.shareId);
    await sealShard(shards, share, 1);
    const { shareId, manifest, receipts } = share;
    for (const shard of [0, 1]) {
      await rejectsWith('not-found', () => shards.commit(shareId, shard, manifest, receipts));
    }
    await rejectsWith('exists', () => stageShard(shards, share, 0));
    await rejectsWith('not-found', () => shards.readPiece(shareId, 1, 0));
  });

  it('drops what is received of a share that it hides', async () => {
    const share = makeShare(5000, 2, 1);
    await stageShard(shards, share, 0);
    await sealShard(shards, share, 1);
    await shards.hide(share.shareId);
    assert.deepEqual(await states(share.shareId), []);
    assert.equal(await shards.storedBytes(), 0);
    await shards.hide('ab'.repeat(16));
    await reopen();
    assert.deepEqual(await shards.allHeld(), []);
  });

  it('removes one shard and serves the others', async () => {
    const share = makeShare(5000, 2, 2);
    for (const shard of [0, 1, 3]) await commitShard(shards, share, shard);
    await shards.remove(share.shareId, 1);
    await shards.remove(share.shareId, 2);
    await isNotServed(share, 1);
    for (const shard of [0, 3]) await isServed(share, shard);
    await shards.remove(share.shareId, 0);
    await shards.remove(share.shareId, 3);
    assert.deepEqual(await states(share.shareId), []);
    await reopen();
    assert.deepEqual(await states(share.shareId), []);
    // It may come back: it was moved, not deleted.
    await commitShard(shards, share, 3);
    await reopen();
    await isServed(share, 3);
  });

  it('removes nothing of what is being received: an upload wins', async () => {
    const share = makeShare(5000, 2, 1);
    await commitShard(shards, share, 0);
    await sealShard(shards, share, 1);
    await stageShard(shards, share, 2);
    await shards.remove(share.shareId);
    assert.deepEqual(await states(share.shareId), ['receipted', 'staging']);
    await shards.abort(share.shareId, 1, 'staging');
    await shards.abort(share.shareId, 2, 'staging');
    assert.deepEqual(await states(share.shareId), ['receipted']);
    await shards.commit(share.shareId, 1, share.manifest, share.receipts);
    await isServed(share, 1);
  });

  it('refuses names that are no ids', async () => {
    for (const shareId of ['../../../../etc/passwd', 'ab', '']) {
      await rejectsWith('protocol', () => shards.remove(shareId));
      await rejectsWith('protocol', () => shards.hide(shareId));
    }
    await rejectsWith('protocol', () => shards.remove('ab'.repeat(16), 255));
  });

  it('takes from others as much as is lent, and from itself what the disk has room for', async () => {
    const share = makeShare(5000, 2, 1);
    const { shareId, geometry, authorId } = share;
    const own = 'bb'.repeat(32);
    await shards.stage({ shareId: 'ab'.repeat(16), shard: 0, geometry, authorId: own });
    const size = await shards.storedBytes();
    const lending = { bytes: 2 * size, except: own };
    const stage = (shard: number): Promise<void> =>
      shards.stage({ shareId, shard, geometry, authorId }, lending);
    await stage(0);
    await stage(1);
    const error = await rejectsWith('quota', () => stage(2));
    assert.deepEqual(
      [error.details?.['needed'], error.details?.['used'], error.details?.['lent']],
      [size, 2 * size, 2 * size],
    );
    await stage(1); // goes on with what is there
    assert.equal(await shards.storedBytes(own), 2 * size);
    assert.equal(await shards.storedBytes(), 3 * size);
    await shards.abort(shareId, 0);
    await stage(2);
    await shards.stage(
      { shareId: 'ab'.repeat(16), shard: 1, geometry, authorId: own },
      { ...lending, bytes: 0 },
    );
  });
}
