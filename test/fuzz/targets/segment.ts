import assert from 'node:assert/strict';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import { geometryWith, segmentCapacity, type Geometry } from '../../../src/chunk/geometry.js';
import { SegmentCodec } from '../../../src/chunk/segment.js';
import { counting, noise } from '../../chunk/expect.js';
import { loadKernel } from '../../chunk/loadKernel.js';
import { decodeLoosely } from '../decodeLoosely.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

const shareId = counting(16, 0xa0);
const key = counting(32);
const codecs = [
  [1, 2],
  [2, 2],
  [4, 3],
].map(([k = 1, m = 0]) => madeCodec(geometryWith(5000, k, m, 2)));

/** CBOR `[codec, segment, [shard, piece or null for the true one]…, wanted]`: pieces of holders that lie. */
export const segment: FuzzTarget = {
  name: 'segment',
  maxBytes: 32 * 1024,
  seeds: () => [
    encodeCbor([0, 0, [2, null], 1]),
    encodeCbor([1, 0, [0, null], [3, noise(1024)], 2]),
    encodeCbor([2, 1, [6, null], [1, null], [5, null], [0, noise(1024, 2)], 3]),
  ],
  run: (input) => {
    const [which, at, ...rest] = listOf(decodeLoosely(input));
    const { codec, g, plain, pieces } = codecs.at(numberOf(which) % codecs.length) ?? assert.fail();
    const number = numberOf(at);
    const wanted = numberOf(rest.pop());
    const given = new Map<number, Uint8Array>();
    for (const pair of rest.map(listOf)) {
      const shard = numberOf(pair[0]);
      const piece = pair[1] ?? pieces[number]?.[g.k === 1 ? 0 : shard];
      if (piece instanceof Uint8Array) given.set(shard, piece);
    }
    const codes = ['protocol', 'integrity', 'not-enough-shards'] as const;
    const opened = unlessRefused(codes, () => codec.decode(number, given, key));
    if (opened !== undefined) assert.deepEqual(new Uint8Array(opened), plain[number]);
    unlessRefused(codes, () => codec.rebuild(number, given, wanted));
    for (const [shard, piece] of given) {
      unlessRefused(codes, () => codec.checkPiece(number, shard, piece));
    }
  },
};

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function madeCodec(g: Geometry) {
  const codec = new SegmentCodec(loadKernel(), { shareId, geometry: g });
  const plain = Array.from({ length: g.segments }, (_, at) => noise(segmentCapacity(g, at), at));
  return { codec, g, plain, pieces: plain.map((bytes, at) => codec.encode(at, bytes, key)) };
}
