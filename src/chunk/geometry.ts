/** How a stream is cut: segments, pieces, chunks. Pure arithmetic; layouts are in FORMAT.md. */
import { PeerError } from '../common/errors.js';

/** Bytes of a chunk as it lies and travels, header included. */
export const CHUNK_SIZE = 512;
export const HEADER_SIZE = 16;
/** Bytes of sealed segment that a chunk carries. */
export const PAYLOAD_SIZE = CHUNK_SIZE - HEADER_SIZE;
/** What sealing adds to a segment: nonce 12, tag 16. */
export const SEAL_OVERHEAD = 28;
export const MAX_SHARDS = 255;
export const MAX_SEGMENTS = 2 ** 26;
/** Chunks are numbered within a shard by 32 bits. */
export const MAX_CHUNKS_PER_SHARD = 2 ** 32;

const TARGET_SEGMENT = 2 ** 20;

export interface Geometry {
  /** Data pieces of a segment; 1 means plain copies. */
  readonly k: number;
  /** Parity pieces of a segment (further copies when k is 1). */
  readonly m: number;
  /** Chunks of a piece, for every segment but the last. */
  readonly q: number;
  /** At least 1: an empty stream is one segment. */
  readonly segments: number;
  /** Chunks of a piece of the last segment, at most q. */
  readonly lastQ: number;
}

/**
 * Geometry of a stream of `streamSize` bytes in segments of about 1 MiB.
 *
 * @throws PeerError `limit` when the stream is too large, or k and m are out of range.
 */
export function geometryFor(streamSize: number, k: number, m: number): Geometry {
  requireShards(k, m);
  return geometryWith(streamSize, k, m, largestQ(k));
}

/** The same for a given q. @throws PeerError `limit` */
export function geometryWith(streamSize: number, k: number, m: number, q: number): Geometry {
  if (!Number.isSafeInteger(streamSize) || streamSize < 0) {
    throw new PeerError('limit', 'The size of the stream is out of range.');
  }
  const capacity = PAYLOAD_SIZE * k * q - SEAL_OVERHEAD;
  const segments = Math.max(1, Math.ceil(streamSize / capacity));
  const rest = streamSize - (segments - 1) * capacity;
  const lastQ = Math.max(1, Math.ceil((rest + SEAL_OVERHEAD) / (PAYLOAD_SIZE * k)));
  const geometry = { k, m, q, segments, lastQ };
  validateGeometry(geometry);
  return geometry;
}

export function sameGeometry(a: Geometry, b: Geometry): boolean {
  return (
    a.k === b.k && a.m === b.m && a.q === b.q && a.segments === b.segments && a.lastQ === b.lastQ
  );
}

/**
 * Checks a geometry from outside, before anything is allocated by it.
 *
 * @throws PeerError `protocol` when it makes no sense, `limit` when it is beyond a bound.
 */
export function validateGeometry(g: Geometry): void {
  const { k, m, q, segments, lastQ } = g;
  if (![k, m, q, segments, lastQ].every(Number.isSafeInteger)) {
    throw new PeerError('protocol', 'A geometry holds something else than integers.');
  }
  requireShards(k, m);
  if (segments < 1 || q < 1 || lastQ < 1 || lastQ > q) {
    throw new PeerError('protocol', 'A geometry is contradictory.');
  }
  if (q > largestQ(k) || segments > MAX_SEGMENTS || chunksPerShard(g) > MAX_CHUNKS_PER_SHARD) {
    throw new PeerError('limit', 'A geometry exceeds the limits of the format.');
  }
}

export function shards(g: Geometry): number {
  return g.k + g.m;
}

/** Shard number in chunk headers and shard roots: copies (k = 1) are byte-identical, so they all say 0. */
export function shardInHeader(g: Geometry, shard: number): number {
  return g.k === 1 ? 0 : shard;
}

export function chunksPerPiece(g: Geometry, segment: number): number {
  requireSegment(g, segment);
  return isLast(g, segment) ? g.lastQ : g.q;
}

export function pieceBytes(g: Geometry, segment: number): number {
  return chunksPerPiece(g, segment) * CHUNK_SIZE;
}

/** Where the piece of a segment starts in its shard, bytes; the prologue of a shard file not counted. */
export function pieceOffset(g: Geometry, segment: number): number {
  requireSegment(g, segment);
  return segment * g.q * CHUNK_SIZE;
}

export function chunksPerShard(g: Geometry): number {
  return (g.segments - 1) * g.q + g.lastQ;
}

export function shardBytes(g: Geometry): number {
  return chunksPerShard(g) * CHUNK_SIZE;
}

export function sealedBytes(g: Geometry, segment: number): number {
  return PAYLOAD_SIZE * g.k * chunksPerPiece(g, segment);
}

/** Plaintext bytes that a segment holds, padding of the last one included. */
export function segmentCapacity(g: Geometry, segment: number): number {
  return sealedBytes(g, segment) - SEAL_OVERHEAD;
}

/** Stream offset of the first byte of a segment. */
export function segmentStart(g: Geometry, segment: number): number {
  requireSegment(g, segment);
  return segment * (PAYLOAD_SIZE * g.k * g.q - SEAL_OVERHEAD);
}

/** Plaintext bytes of all segments: the longest stream of this geometry. */
export function streamCapacity(g: Geometry): number {
  return segmentStart(g, g.segments - 1) + segmentCapacity(g, g.segments - 1);
}

export function isLast(g: Geometry, segment: number): boolean {
  return segment === g.segments - 1;
}

/**
 * Segments that hold the bytes `start` to `end` (exclusive) of the stream: `first` to `end` (exclusive).
 * An empty range needs none.
 *
 * @throws PeerError `protocol` when the range is not within the stream's segments.
 */
export function segmentsOfRange(
  g: Geometry,
  start: number,
  end: number,
): { readonly first: number; readonly end: number } {
  if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end)) {
    throw new PeerError('protocol', 'A range is contradictory.');
  }
  if (end > streamCapacity(g)) throw new PeerError('protocol', 'A range ends beyond the stream.');
  if (start === end) return { first: 0, end: 0 };
  const capacity = PAYLOAD_SIZE * g.k * g.q - SEAL_OVERHEAD;
  return { first: Math.floor(start / capacity), end: Math.floor((end - 1) / capacity) + 1 };
}

/** Chunks of a piece that make a segment of about 1 MiB: what this version writes, and the most it reads. */
function largestQ(k: number): number {
  return Math.max(1, Math.round(TARGET_SEGMENT / (PAYLOAD_SIZE * k)));
}

function requireShards(k: number, m: number): void {
  const valid = Number.isSafeInteger(k) && Number.isSafeInteger(m) && k >= 1 && m >= 0;
  if (!valid || k + m > MAX_SHARDS) {
    throw new PeerError('limit', `A share has 1 to ${MAX_SHARDS} shards.`, {
      hint: 'Choose k and m so that k is at least 1 and k+m at most 255.',
    });
  }
}

function requireSegment(g: Geometry, segment: number): void {
  if (!Number.isSafeInteger(segment) || segment < 0 || segment >= g.segments) {
    throw new PeerError('protocol', 'There is no such segment.');
  }
}
