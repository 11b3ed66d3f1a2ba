import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  PAGE_HASHES,
  pageHash,
  pieceHash,
  rootFromPages,
  shardPages,
  shardRoot,
} from '../../src/chunk/shardRoot.js';
import { checkShareId, newShareId } from '../../src/chunk/shareId.js';
import { counting, noise, throwsCode } from './expect.js';

const shareId = counting(16, 0xa0);

describe('shard root', () => {
  it('keeps the values of format version 1', () => {
    const hashes = noise(3 * 32);
    const page = createHash('sha256')
      .update('chunk-partitioner/1/hash-page\0')
      .update(hashes)
      .digest();
    const root = createHash('sha256')
      .update('chunk-partitioner/1/shard-root\0')
      .update(shareId)
      .update(Buffer.from('0200000003000000', 'hex'))
      .update(page)
      .digest();
    const actual = shardRoot({ shareId, shard: 2, segments: 3 }, hashes);
    assert.deepEqual(Buffer.from(actual), root);
    assert.equal(
      root.toString('hex'),
      'd3810e8382a95af5ed315f4bde7b2bbb96a78f8d83910cdc7e8c6d162d1560f2',
    );
    const empty = createHash('sha256').update('').digest();
    assert.deepEqual(Buffer.from(pieceHash(new Uint8Array(0))), empty);
  });

  it('follows from the pages, one or many', () => {
    for (const segments of [1, PAGE_HASHES - 1, PAGE_HASHES, PAGE_HASHES + 1, 2 * PAGE_HASHES]) {
      const hashes = noise(segments * 32);
      const pages = shardPages(hashes);
      const count = Math.ceil(segments / PAGE_HASHES);
      assert.equal(pages.byteLength, count * 32);
      const lastPage = hashes.subarray((count - 1) * PAGE_HASHES * 32);
      assert.deepEqual(pages.subarray((count - 1) * 32), pageHash(lastPage));
      const name = { shareId, shard: 0, segments };
      assert.deepEqual(rootFromPages(name, pages), shardRoot(name, hashes));
    }
  });

  it('depends on share, shard, count and every hash', () => {
    const hashes = noise(64);
    const name = { shareId, shard: 1, segments: 2 };
    const roots = [
      shardRoot(name, hashes),
      shardRoot({ ...name, shareId: counting(16, 0xa1) }, hashes),
      shardRoot({ ...name, shard: 2 }, hashes),
      shardRoot({ ...name, segments: 1 }, hashes.subarray(0, 32)),
      shardRoot(name, hashes.toReversed()),
    ];
    assert.equal(new Set(roots.map((root) => Buffer.from(root).toString('hex'))).size, 5);
  });

  it('refuses too few or too many hashes', () => {
    const name = { shareId, shard: 1, segments: 2 };
    throwsCode(() => shardRoot(name, noise(32)), 'protocol');
    throwsCode(() => shardRoot(name, noise(65)), 'protocol');
    throwsCode(() => rootFromPages(name, noise(64)), 'protocol');
    throwsCode(() => rootFromPages({ ...name, segments: 0 }, noise(0)), 'protocol');
    throwsCode(() => rootFromPages({ ...name, shard: 255 }, noise(32)), 'protocol');
    throwsCode(() => rootFromPages({ ...name, shareId: noise(15) }, noise(32)), 'protocol');
  });
});

describe('share id', () => {
  const group = counting(32);
  const author = counting(32, 32);

  it('belongs to one group and author', () => {
    const { shareId: id, random } = newShareId(group, author);
    assert.equal(id.byteLength, 16);
    assert.ok(checkShareId(id, group, author, random));
    assert.ok(!checkShareId(id, author, group, random));
    assert.ok(!checkShareId(id, group, group, random));
    assert.ok(!checkShareId(id, group, author, counting(16)));
    assert.ok(!checkShareId(id, group, author, random.subarray(1)));
    assert.ok(!checkShareId(id.subarray(1), group, author, random));
    assert.notDeepEqual(newShareId(group, author).shareId, id);
  });

  it('keeps the value of format version 1', () => {
    const domain = 'chunk-partitioner/1/share-id\0';
    const hash = createHash('sha256').update(domain).update(group).update(author);
    const id = new Uint8Array(hash.update(counting(16)).digest().subarray(0, 16));
    assert.ok(checkShareId(id, group, author, counting(16)));
    assert.equal(Buffer.from(id).toString('hex'), 'e13fdc3f8258a72c697ff6b3e06c9249');
  });
});
