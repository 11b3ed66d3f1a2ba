import assert from 'node:assert/strict';
import {
  closeSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { pieceHash } from '../../src/chunk/shardRoot.js';
import { concatBytes } from '../../src/common/bytes.js';
import type { ShardStore, Store } from '../../src/store/store.js';
import type { StoreHarness } from './storeContract.js';
import { type MadeShare, makeShare } from './support/makeShare.js';
import { commitShard, sealShard, stageShard, writePieces } from './support/putShard.js';
import { rejectsWith } from './support/rejectsWith.js';

export function shardContract(harness: StoreHarness): void {
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

  for (const [k, m] of [
    [1, 1],
    [2, 1],
    [3, 3],
  ] as const) {
    it(`takes, commits and serves every shard of ${String(k)}+${String(m)}`, async () => {
      const share = makeShare(12_345, k, m);
      for (let shard = 0; shard < k + m; shard++) await commitShard(shards, share, shard);
      await reopen();
      for (let shard = 0; shard < k + m; shard++) {
        const hashes = await shards.readHashes(share.shareId, shard);
        const expected = share.pieces[shard] ?? [];
        assert.deepEqual(hashes, concatBytes(...expected.map((piece) => pieceHash(piece))));
        for (const [segment, piece] of expected.entries()) {
          assert.deepEqual((await shards.readPiece(share.shareId, shard, segment)).bytes, piece);
        }
        const scan = await shards.scan(share.shareId, shard);
        assert.deepEqual(scan.root, share.roots[shard]);
        assert.deepEqual(scan.badChunks, []);
      }
      assert.equal((await shards.held(share.shareId)).length, k + m);
    });
  }

  it('answers the hash of a piece and the root of the shard', async () => {
    const share = makeShare(5000, 2, 1);
    await stageShard(shards, share, 1);
    const piece = share.pieces[1]?.[0] ?? new Uint8Array();
    const hash = await shards.writePiece(share.shareId, 1, 0, piece.slice());
    assert.deepEqual(hash, pieceHash(piece));
    await writePieces(shards, share, 1);
    assert.deepEqual(await shards.seal(share.shareId, 1), share.roots[1]);
    assert.deepEqual(await shards.seal(share.shareId, 1), share.roots[1]);
    await reopen();
    assert.deepEqual(await shards.seal(share.shareId, 1), share.roots[1]);
  });

  it('tells which pieces have arrived, also those of an earlier process', async () => {
    const share = makeShare(20_000, 2, 1);
    const hashes = share.pieces[1]?.map((piece) => pieceHash(piece)) ?? [];
    const some = hashes.map((hash, segment) => (segment % 2 === 0 ? hash : new Uint8Array(32)));
    await rejectsWith('not-found', () => shards.stagedHashes(share.shareId, 1, 0));
    await stageShard(shards, share, 1);
    await writePieces(shards, share, 1, (segment) => segment % 2 === 0);
    for (let run = 0; run < 2; run++) {
      assert.deepEqual(await shards.stagedHashes(share.shareId, 1, 0), concatBytes(...some));
      await reopen();
      await stageShard(shards, share, 1);
    }
    await writePieces(shards, share, 1);
    await shards.seal(share.shareId, 1);
    assert.deepEqual(await shards.stagedHashes(share.shareId, 1, 0), concatBytes(...hashes));
    await rejectsWith('not-found', () => shards.stagedHashes(share.shareId, 1, 1));
    await shards.commit(share.shareId, 1, share.manifest, share.receipts);
    await rejectsWith('not-found', () => shards.stagedHashes(share.shareId, 1, 0));
  });

  it('leaves the rest of a larger buffer alone', async () => {
    const share = makeShare(5000, 2, 1);
    await stageShard(shards, share, 0);
    const piece = share.pieces[0]?.[0] ?? new Uint8Array();
    const larger = concatBytes(new Uint8Array([1, 2, 3]), piece);
    const hash = await shards.writePiece(share.shareId, 0, 0, larger.subarray(3));
    assert.deepEqual(hash, pieceHash(piece));
    assert.deepEqual(larger.subarray(0, 3), new Uint8Array([1, 2, 3]));
  });

  it('refuses pieces that were not asked for', async () => {
    const share = makeShare(5000, 2, 1);
    const piece = (): Uint8Array => (share.pieces[0]?.[0] ?? new Uint8Array()).slice();
    await rejectsWith('not-found', () => shards.writePiece(share.shareId, 0, 0, piece()));
    await stageShard(shards, share, 0);
    const short = piece().slice(1);
    await rejectsWith('limit', () => shards.writePiece(share.shareId, 0, 0, short));
    for (const segment of [share.geometry.segments, -1, 0.5, 2 ** 40]) {
      await rejectsWith('limit', () => shards.writePiece(share.shareId, 0, segment, piece()));
    }
    await rejectsWith('not-found', () => shards.writePiece(share.shareId, 1, 0, piece()));
    await sealShard(shards, share, 0);
    await rejectsWith('not-found', () => shards.writePiece(share.shareId, 0, 0, piece()));
  });

  it('refuses names that are no ids, and geometries without sense', async () => {
    const { authorId, geometry } = makeShare(10, 1, 1);
    const shareId = '../../../../etc/passwd';
    await rejectsWith('protocol', () => shards.stage({ shareId, shard: 0, geometry, authorId }));
    await rejectsWith('protocol', () => shards.readPiece(shareId, 0, 0));
    const good = 'ab'.repeat(16);
    await rejectsWith('protocol', () =>
      shards.stage({ shareId: good, shard: 255, geometry, authorId }),
    );
    await rejectsWith('limit', () => shards.stage({ shareId: good, shard: 2, geometry, authorId }));
    const huge = { ...geometry, segments: 2 ** 40 };
    await rejectsWith('limit', () =>
      shards.stage({ shareId: good, shard: 0, geometry: huge, authorId }),
    );
    assert.deepEqual(await shards.allHeld(), []);
  });

  it('refuses a shard for which the disk has no room', async () => {
    const { authorId, shareId } = makeShare(10, 1, 1);
    const geometry = { k: 1, m: 1, q: 2114, segments: 2 ** 20, lastQ: 2114 };
    const huge = { k: 1, m: 1, q: 2048, segments: 2 ** 21, lastQ: 2048 };
    await rejectsWith('disk-full', async () => {
      await shards.stage({ shareId, shard: 0, geometry, authorId });
      await shards.stage({ shareId, shard: 1, geometry: huge, authorId });
    });
  });

  it('does not seal what is not whole, nor commit what is not sealed', async () => {
    const share = makeShare(5000, 2, 1);
    await rejectsWith('not-found', () => shards.seal(share.shareId, 0));
    await rejectsWith('not-found', () => shards.commit(share.shareId, 0, share.manifest, []));
    await stageShard(shards, share, 0);
    await writePieces(shards, share, 0, (segment) => segment > 0);
    const error = await rejectsWith('protocol', () => shards.seal(share.shareId, 0));
    assert.equal(error.details?.['missing'], 1);
    await rejectsWith('protocol', () => shards.commit(share.shareId, 0, share.manifest, []));
    assert.equal((await shards.held(share.shareId))[0]?.state, 'staging');
  });

  it('serves nothing before the commit', async () => {
    const share = makeShare(5000, 2, 1);
    await sealShard(shards, share, 0);
    await rejectsWith('not-found', () => shards.readPiece(share.shareId, 0, 0));
    await rejectsWith('not-found', () => shards.readHashes(share.shareId, 0));
    await commitShard(shards, share, 1);
    await rejectsWith('not-found', () => shards.readPiece(share.shareId, 0, 0));
    await rejectsWith('not-found', () => shards.readPiece(share.shareId, 1, 10_000));
  });

  it('commits twice as once, with further receipts, never with another manifest', async () => {
    const share = makeShare(5000, 2, 1);
    await sealShard(shards, share, 0);
    const [first, ...others] = share.receipts;
    assert.ok(first);
    await shards.commit(share.shareId, 0, share.manifest, [first]);
    await shards.commit(share.shareId, 0, share.manifest, others);
    const other = makeShare(5000, 2, 1);
    await rejectsWith('exists', () => shards.commit(share.shareId, 0, other.manifest, []));
    assert.deepEqual((await shards.readPiece(share.shareId, 0, 0)).bytes, share.pieces[0]?.[0]);
  });

  it('drops what is aborted, and never what is committed', async () => {
    const share = makeShare(5000, 2, 1);
    await shards.abort(share.shareId, 0);
    await stageShard(shards, share, 0);
    await sealShard(shards, share, 1);
    await shards.abort(share.shareId, 0);
    await shards.abort(share.shareId, 1);
    assert.deepEqual(await shards.allHeld(), []);
    assert.equal(await shards.storedBytes(), 0);
    await commitShard(shards, share, 0);
    await rejectsWith('exists', () => shards.abort(share.shareId, 0));
    await reopen();
    assert.equal((await shards.allHeld()).length, 1);
  });

  it('finds rotten pieces, and takes those back in their place that belong there', async () => {
    const share = makeShare(20_000, 2, 1);
    const { shareId, geometry } = share;
    await commitShard(shards, share, 1);
    assert.deepEqual(await shards.check(shareId, 1, 0, geometry.segments), []);
    const file = shardFile(dataDir, shareId, 1);
    const rotten = 3;
    flipByte(file, 512 + (rotten * geometry.q + 1) * 512 + 100);
    truncateSync(file, statSync(file).size - 512);
    const last = geometry.segments - 1;
    const bad = await shards.check(shareId, 1, 1, geometry.segments);
    assert.deepEqual(bad, [
      { segment: rotten, chunks: [rotten * geometry.q + 1] },
      { segment: last, chunks: [last * geometry.q + geometry.lastQ - 1] },
    ]);
    assert.deepEqual(await shards.check(shareId, 1, rotten + 1, 1), []);
    const pieces = share.pieces[1] ?? [];
    const piece = (segment: number): Uint8Array => pieces[segment]?.slice() ?? new Uint8Array();
    await rejectsWith('integrity', () => shards.mend(shareId, 1, rotten, piece(rotten + 1)));
    await rejectsWith('not-found', () => shards.mend(shareId, 0, rotten, piece(rotten)));
    for (const segment of [rotten, last]) await shards.mend(shareId, 1, segment, piece(segment));
    assert.deepEqual(await shards.check(shareId, 1, 0, geometry.segments), []);
    assert.deepEqual((await shards.scan(shareId, 1)).root, share.roots[1]);
  });

  it('takes all pieces of a shard back whose file was removed', async () => {
    const share = makeShare(20_000, 2, 1);
    const { shareId, geometry } = share;
    await commitShard(shards, share, 1);
    rmSync(shardFile(dataDir, shareId, 1));
    const bad = await shards.check(shareId, 1, 0, geometry.segments);
    assert.equal(bad.length, geometry.segments);
    for (const { segment } of bad) {
      await shards.mend(shareId, 1, segment, share.pieces[1]?.[segment]?.slice() ?? assert.fail());
    }
    assert.deepEqual((await shards.scan(shareId, 1)).root, share.roots[1]);
    await reopen();
    assert.deepEqual(await shards.check(shareId, 1, 0, geometry.segments), []);
  });

  it('makes damaged hashes anew from the pieces, and only if these are the signed ones', async () => {
    const share = makeShare(20_000, 2, 1);
    const { shareId } = share;
    await commitShard(shards, share, 0);
    const hashes = await shards.readHashes(shareId, 0);
    const root = share.roots[0] ?? new Uint8Array();
    flipByte(shardFile(dataDir, shareId, 0).replace(/shard$/, 'hashes'), 40);
    assert.equal(await shards.rehash(shareId, 0, share.roots[1] ?? root), false);
    assert.notDeepEqual(await shards.readHashes(shareId, 0), hashes);
    assert.equal(await shards.rehash(shareId, 0, root), true);
    assert.deepEqual(await shards.readHashes(shareId, 0), hashes);
  });

  it('takes hashes from elsewhere when its file is gone, too, and only the signed ones', async () => {
    const share = makeShare(20_000, 2, 1);
    const { shareId, geometry } = share;
    await commitShard(shards, share, 0);
    const hashes = await shards.readHashes(shareId, 0);
    const root = share.roots[0] ?? new Uint8Array();
    const file = shardFile(dataDir, shareId, 0);
    rmSync(file);
    rmSync(file.replace(/shard$/, 'hashes'));
    assert.equal(await shards.rehash(shareId, 0, root), false);
    const wrong = hashes.slice();
    wrong[40] = (wrong[40] ?? 0) ^ 1;
    assert.equal(await shards.putHashes(shareId, 0, root, wrong), false);
    assert.equal(await shards.putHashes(shareId, 0, root, hashes), true);
    const bad = await shards.check(shareId, 0, 0, geometry.segments);
    assert.equal(bad.length, geometry.segments);
  });

  it('goes on where an upload stopped, and takes no other shard for it', async () => {
    const share = makeShare(20_000, 2, 1);
    await stageShard(shards, share, 0);
    await writePieces(shards, share, 0, (segment) => segment % 2 === 0);
    await stageShard(shards, share, 0);
    const { shareId, authorId, geometry } = share;
    const stranger = 'ee'.repeat(32);
    await rejectsWith('exists', () =>
      shards.stage({ shareId, shard: 0, geometry, authorId: stranger }),
    );
    const larger = { ...geometry, segments: geometry.segments + 1 };
    await rejectsWith('exists', () =>
      shards.stage({ shareId, shard: 0, geometry: larger, authorId }),
    );
    await reopen();
    await stageShard(shards, share, 0);
    await writePieces(shards, share, 0, (segment) => segment % 2 === 1);
    assert.deepEqual(await shards.seal(shareId, 0), share.roots[0]);
    const error = await rejectsWith('exists', () =>
      shards.stage({ shareId, shard: 0, geometry, authorId }),
    );
    assert.equal(error.details?.['state'], 'receipted');
  });

  it('knows after a restart what it holds, in which state, and how much', async () => {
    const shares = [makeShare(5000, 2, 1), makeShare(5000, 2, 1), makeShare(5000, 1, 1)] as const;
    await stageShard(shards, shares[0], 0);
    await sealShard(shards, shares[1], 1);
    await commitShard(shards, shares[2], 1);
    const before = await shards.storedBytes();
    const bytes = (share: MadeShare): number =>
      512 + (share.pieces[0] ?? []).reduce((sum, piece) => sum + piece.byteLength, 0);
    assert.equal(
      before,
      shares.map(bytes).reduce((a, b) => a + b),
    );
    await reopen();
    assert.equal(await shards.storedBytes(), before);
    const states = new Map((await shards.allHeld()).map((held) => [held.shareId, held]));
    assert.deepEqual(
      shares.map(({ shareId }) => states.get(shareId)?.state),
      ['staging', 'receipted', 'committed'],
    );
    const { shareId, authorId, geometry } = shares[2];
    assert.deepEqual(await shards.held(shareId), [
      { shareId, shard: 1, geometry, authorId, state: 'committed' },
    ]);
  });

  it('reports the progress of a scan, and ends it when told', async () => {
    const share = makeShare(300_000, 2, 1, 1);
    await commitShard(shards, share, 0);
    const aborted = AbortSignal.abort();
    await rejectsWith('cancelled', () => shards.scan(share.shareId, 0, undefined, aborted));
    const cancel = new AbortController();
    const scan = shards.scan(share.shareId, 0, undefined, cancel.signal);
    cancel.abort();
    await rejectsWith('cancelled', () => scan);
    const { chunksChecked } = await shards.scan(share.shareId, 0);
    assert.equal(chunksChecked, share.geometry.segments);
    await rejectsWith('not-found', () => shards.scan(share.shareId, 1));
  });

  it('takes many pieces at once', async () => {
    const share = makeShare(200_000, 2, 1, 1);
    await Promise.all([0, 1, 2].map((shard) => stageShard(shards, share, shard)));
    await Promise.all([0, 1, 2].map((shard) => writePieces(shards, share, shard)));
    const roots = await Promise.all([0, 1, 2].map((shard) => shards.seal(share.shareId, shard)));
    assert.deepEqual(roots, share.roots);
  });
}

function filesBelow(folder: string, shareId: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file).startsWith(shareId))
    .map((file) => path.join(folder, file));
}

function shardFile(dataDir: string, shareId: string, shard: number): string {
  const name = `${shareId}.${String(shard)}.shard`;
  return filesBelow(dataDir, shareId).find((file) => file.endsWith(name)) ?? assert.fail(name);
}

function flipByte(file: string, at: number): void {
  const fd = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  assert.equal(readSync(fd, byte, 0, 1, at), 1);
  writeSync(fd, Buffer.from([(byte[0] ?? 0) ^ 0x10]), 0, 1, at);
  closeSync(fd);
}
