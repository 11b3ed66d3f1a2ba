/**
 * The tree of hashes over a shard: pieces, pages of 2,048 piece hashes (64 KiB), root. A reader in the
 * middle of a shard fetches one page and the list of pages, and knows what its piece has to be.
 */
import { createHash } from 'node:crypto';
import { PeerError } from '../common/errors.js';
import { MAX_SEGMENTS } from './geometry.js';

export const HASH_SIZE = 32;
/** Piece hashes of a page; the last page may have fewer. */
export const PAGE_HASHES = 2048;

const pageDomain = Buffer.from('chunk-partitioner/1/hash-page\0');
const rootDomain = Buffer.from('chunk-partitioner/1/shard-root\0');
const pageBytes = PAGE_HASHES * HASH_SIZE;

export interface ShardName {
  /** 16 bytes. */
  readonly shareId: Uint8Array;
  /** As in chunk headers: 0 for every copy when k is 1 (see `shardInHeader`). */
  readonly shard: number;
  readonly segments: number;
}

/** SHA-256 of a piece as it is stored, headers included. */
export function pieceHash(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

/** Hash of one page of piece hashes, one after the other. */
export function pageHash(page: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(pageDomain).update(page).digest());
}

/** One page of the piece hashes of a whole shard, copied. @throws PeerError `not-found` when it has no such page */
export function pageOf(pieceHashes: Uint8Array, page: number): Uint8Array {
  const start = page * pageBytes;
  if (start >= pieceHashes.byteLength) throw new PeerError('not-found', 'No such page.');
  return pieceHashes.slice(start, start + pageBytes);
}

/** Hashes of all pages, one after the other, of the piece hashes of a whole shard. */
export function shardPages(pieceHashes: Uint8Array): Uint8Array {
  const count = Math.ceil(pieceHashes.byteLength / pageBytes);
  const pages = new Uint8Array(count * HASH_SIZE);
  for (let page = 0; page < count; page++) {
    const hashes = pieceHashes.subarray(page * pageBytes, (page + 1) * pageBytes);
    pages.set(pageHash(hashes), page * HASH_SIZE);
  }
  return pages;
}

/** Root of a shard by its piece hashes, 32 bytes each. @throws PeerError `protocol` when they are not all. */
export function shardRoot(name: ShardName, pieceHashes: Uint8Array): Uint8Array {
  if (pieceHashes.byteLength !== name.segments * HASH_SIZE) {
    throw new PeerError('protocol', 'A shard has one hash for each segment.');
  }
  return rootFromPages(name, shardPages(pieceHashes));
}

/** Root of a shard by the hashes of its pages. @throws PeerError `protocol` when they are not all. */
export function rootFromPages(name: ShardName, pages: Uint8Array): Uint8Array {
  const { shareId, shard, segments } = name;
  const sound = shareId.byteLength === 16 && shard >= 0 && shard <= 254;
  if (!sound || !Number.isSafeInteger(segments) || segments < 1 || segments > MAX_SEGMENTS) {
    throw new PeerError('protocol', 'A shard is named wrongly.');
  }
  if (pages.byteLength !== Math.ceil(segments / PAGE_HASHES) * HASH_SIZE) {
    throw new PeerError('protocol', 'A shard has one hash for each page.');
  }
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32LE(shard, 0);
  numbers.writeUInt32LE(segments, 4);
  const hash = createHash('sha256').update(rootDomain).update(shareId).update(numbers);
  return new Uint8Array(hash.update(pages).digest());
}
