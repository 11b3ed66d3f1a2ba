import assert from 'node:assert/strict';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import {
  CHUNK_SIZE,
  pieceBytes,
  pieceOffset,
  segmentCapacity,
  segmentsOfRange,
  shardBytes,
  streamCapacity,
  validateGeometry,
  type Geometry,
} from '../../../src/chunk/geometry.js';
import { decodeLoosely } from '../decodeLoosely.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

/** CBOR `[k, m, q, segments, lastQ, start, end]`, anything in place of numbers. */
export const geometry: FuzzTarget = {
  name: 'geometry',
  seeds: () => [
    encodeCbor([2, 1, 1057, 5, 813, 0, 5_000_120]),
    encodeCbor([1, 0, 1, 1, 1, 0, 0]),
    encodeCbor([255, 0, 8, 2 ** 26, 8, 2 ** 40, 2 ** 41]),
  ],
  run: (input) => {
    const list = decodeLoosely(input);
    const numbers = (Array.isArray(list) ? list : []) as number[];
    const [k, m, q, segments, lastQ, start = 0, end = 0] = numbers;
    const g = { k, m, q, segments, lastQ } as Geometry;
    const sound = unlessRefused(['protocol', 'limit'], () => {
      validateGeometry(g);
      return true;
    });
    if (sound === undefined) return;
    const last = g.segments - 1;
    assert.equal(pieceOffset(g, last) + pieceBytes(g, last), shardBytes(g));
    assert.ok(shardBytes(g) <= 2 ** 32 * CHUNK_SIZE && segmentCapacity(g, 0) <= 2 ** 21);
    const range = unlessRefused(['protocol'], () => segmentsOfRange(g, start, end));
    if (range === undefined) return;
    assert.ok(range.first >= 0 && range.first <= range.end && range.end <= g.segments);
    assert.ok(end <= streamCapacity(g));
  },
};
