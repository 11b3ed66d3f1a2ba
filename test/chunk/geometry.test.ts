import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  chunksPerPiece,
  chunksPerShard,
  geometryFor,
  pieceBytes,
  pieceOffset,
  segmentCapacity,
  segmentsOfRange,
  segmentStart,
  shardBytes,
  shardInHeader,
  shards,
  streamCapacity,
  validateGeometry,
} from '../../src/chunk/geometry.js';
import { throwsCode } from './expect.js';

const any = fc.record({
  size: fc.oneof(fc.nat(5_000_000), fc.integer({ min: 0, max: 2 ** 40 })),
  k: fc.integer({ min: 1, max: 255 }),
  m: fc.nat(254),
});

describe('geometry', () => {
  it('keeps the figures of format version 1', () => {
    const q = (k: number): number => geometryFor(0, k, 0).q;
    assert.deepEqual([1, 2, 3, 4, 6, 16, 100, 255].map(q), [2114, 1057, 705, 529, 352, 132, 21, 8]);
    assert.deepEqual(geometryFor(0, 4, 6), { k: 4, m: 6, q: 529, segments: 1, lastQ: 1 });
    assert.deepEqual(geometryFor(40 * 2 ** 30, 4, 6), {
      k: 4,
      m: 6,
      q: 529,
      segments: 40924,
      lastQ: 332,
    });
  });

  it('changes by one chunk or segment where it has to', () => {
    const layout = (size: number, k: number): number[] => {
      const { segments, lastQ } = geometryFor(size, k, 1);
      return [segments, lastQ];
    };
    assert.deepEqual(layout(0, 1), [1, 1]);
    assert.deepEqual(layout(468, 1), [1, 1]);
    assert.deepEqual(layout(469, 1), [1, 2]);
    const full = 2114 * 496 - 28;
    assert.deepEqual(layout(full - 496, 1), [1, 2113]);
    assert.deepEqual(layout(full, 1), [1, 2114]);
    assert.deepEqual(layout(full + 1, 1), [2, 1]);
    assert.deepEqual(layout(2 * full, 1), [2, 2114]);
    assert.deepEqual(layout(2 * full + 1, 1), [3, 1]);
  });

  it('covers every byte of a stream once, with less than a row of chunks to spare', () => {
    fc.assert(
      fc.property(any, ({ size, k, m }) => {
        fc.pre(k + m <= 255);
        const g = geometryFor(size, k, m);
        const last = g.segments - 1;
        assert.equal(shards(g), k + m);
        assert.ok(streamCapacity(g) >= size);
        assert.ok(size === 0 || segmentStart(g, last) < size, 'no empty segment');
        const spare = streamCapacity(g) - size;
        assert.ok(g.lastQ === 1 || spare < 496 * k, 'no empty row of chunks');
        assert.equal(pieceOffset(g, last) + pieceBytes(g, last), shardBytes(g));
        assert.equal(chunksPerShard(g) * 512, shardBytes(g));
        if (last > 0) {
          assert.equal(segmentStart(g, 1), segmentCapacity(g, 0));
          assert.equal(pieceOffset(g, 1), pieceBytes(g, 0));
          assert.equal(chunksPerPiece(g, 0), g.q);
        }
      }),
    );
  });

  it('finds the segments of a range', () => {
    fc.assert(
      fc.property(any, fc.nat(), fc.nat(), ({ size, k, m }, a, b) => {
        fc.pre(k + m <= 255 && size > 0);
        const g = geometryFor(size, k, m);
        const start = a % size;
        const end = start + 1 + (b % (size - start));
        const range = segmentsOfRange(g, start, end);
        assert.ok(segmentStart(g, range.first) <= start);
        assert.ok(start < segmentStart(g, range.first) + segmentCapacity(g, range.first));
        assert.ok(segmentStart(g, range.end - 1) < end);
        assert.ok(end <= segmentStart(g, range.end - 1) + segmentCapacity(g, range.end - 1));
      }),
    );
    const g = geometryFor(10, 1, 0);
    assert.deepEqual(segmentsOfRange(g, 5, 5), { first: 0, end: 0 });
    throwsCode(() => segmentsOfRange(g, 5, 4), 'protocol');
    throwsCode(() => segmentsOfRange(g, -1, 4), 'protocol');
    throwsCode(() => segmentsOfRange(g, 0, 469), 'protocol');
  });

  it('gives all copies one shard number', () => {
    assert.equal(shardInHeader(geometryFor(0, 1, 3), 2), 0);
    assert.equal(shardInHeader(geometryFor(0, 2, 3), 2), 2);
  });

  it('refuses what is contradictory or beyond the limits', () => {
    const g = geometryFor(3_000_000, 2, 2);
    validateGeometry(g);
    for (const field of ['k', 'm', 'q', 'segments', 'lastQ'] as const) {
      for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53, 2 ** 31]) {
        throwsCode(() => validateGeometry({ ...g, [field]: value }), 'protocol', 'limit');
      }
    }
    for (const field of ['k', 'q', 'segments', 'lastQ'] as const) {
      throwsCode(() => validateGeometry({ ...g, [field]: 0 }), 'protocol', 'limit');
    }
    throwsCode(() => validateGeometry({ ...g, lastQ: g.q + 1 }), 'protocol');
    throwsCode(() => validateGeometry({ ...g, q: g.q + 1 }), 'limit');
    throwsCode(() => validateGeometry({ ...g, m: 254 }), 'limit');
    throwsCode(() => validateGeometry({ ...g, segments: 2 ** 26 + 1 }), 'limit');
    throwsCode(() => geometryFor(2 ** 42, 1, 1), 'limit');
    throwsCode(() => geometryFor(-1, 1, 1), 'limit');
    throwsCode(() => geometryFor(1, 0, 1), 'limit');
    throwsCode(() => geometryFor(1, 128, 128), 'limit');
    throwsCode(() => pieceOffset(g, g.segments), 'protocol');
    throwsCode(() => segmentStart(g, -1), 'protocol');
  });
});
