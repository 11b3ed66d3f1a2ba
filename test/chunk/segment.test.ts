import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { openSegment, sealSegment } from '../../src/chunk/cipher.js';
import {
  chunksPerPiece,
  geometryFor,
  isLast,
  pieceBytes,
  segmentCapacity,
  segmentStart,
  type Geometry,
} from '../../src/chunk/geometry.js';
import { SegmentCodec } from '../../src/chunk/segment.js';
import { forEachFlip, noise, sha256Hex, throwsCode } from './expect.js';
import { loadKernel } from './loadKernel.js';
import { xxh32 } from './xxh32.js';

const kernel = loadKernel();
const shareId = Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index);
const key = new Uint8Array(32).fill(7);

function codecFor(size: number, k: number, m: number): { g: Geometry; codec: SegmentCodec } {
  const g = geometryFor(size, k, m);
  return { g, codec: new SegmentCodec(kernel, { shareId, geometry: g }) };
}

function subsets(n: number, k: number, from = 0): number[][] {
  if (k === 0) return [[]];
  const all: number[][] = [];
  for (let first = from; first <= n - k; first++) {
    for (const rest of subsets(n, k - 1, first + 1)) all.push([first, ...rest]);
  }
  return all;
}

function pick(pieces: readonly Uint8Array[], kept: readonly number[]): Map<number, Uint8Array> {
  return new Map(kept.map((shard) => [shard, pieces[shard] ?? assert.fail()]));
}

function padded(plaintext: Uint8Array, capacity: number): Uint8Array {
  const whole = new Uint8Array(capacity);
  whole.set(plaintext);
  return whole;
}

describe('XXH32 of the tests', () => {
  it('gives the published values', () => {
    assert.equal(xxh32(Buffer.from('')), 0x02cc5d05);
    assert.equal(xxh32(Buffer.from('abc')), 0x32d153ff);
    assert.equal(xxh32(Buffer.from('Nobody inspects the spammish repetition')), 0xe2293b2f);
  });
});

describe('segment codec', () => {
  for (const [k, m] of [
    [2, 2],
    [3, 3],
    [4, 6],
  ] as const) {
    it(`decodes and rebuilds for every pattern of loss of ${k}+${m}`, () => {
      const plaintext = noise(5 * 496 * k - 28 - 3);
      const { g, codec } = codecFor(plaintext.byteLength, k, m);
      const pieces = codec.encode(0, plaintext, key);
      const expected = padded(plaintext, segmentCapacity(g, 0));
      for (const kept of subsets(k + m, k)) {
        const some = pick(pieces, kept);
        assert.deepEqual(new Uint8Array(codec.decode(0, some, key)), expected, kept.join());
        for (let shard = 0; shard < k + m; shard++) {
          assert.deepEqual(codec.rebuild(0, some, shard), pieces[shard], `${kept.join()}→${shard}`);
        }
      }
    });
  }

  for (const [k, m] of [
    [1, 254],
    [2, 253],
    [100, 155],
    [127, 128],
    [254, 1],
    [255, 0],
  ] as const) {
    it(`decodes ${k}+${m} shards from the last k`, () => {
      const plaintext = noise(3 * 496 * k - 28);
      const { codec } = codecFor(plaintext.byteLength, k, m);
      const pieces = codec.encode(0, plaintext, key);
      const [only = assert.fail()] = pieces;
      const kept = Array.from({ length: k }, (_, index) => m + index);
      const some = k === 1 ? new Map([[254, only]]) : pick(pieces, kept);
      assert.deepEqual(new Uint8Array(codec.decode(0, some, key)), plaintext);
      assert.deepEqual(codec.rebuild(0, some, 0), pieces[0]);
      assert.deepEqual(codec.checkPiece(0, k + m - 1, pieces[k + m - 1] ?? only), []);
    });
  }

  it('round-trips the sizes around chunks, pieces and segments', () => {
    for (const [k, m] of [
      [1, 1],
      [2, 2],
      [3, 3],
    ] as const) {
      const { q } = geometryFor(0, k, m);
      const segment = 496 * k * q - 28;
      const edges = [0, 1, 495, 496, 497, 511, 512, 513, 496 * k, 496 * q, segment, 2 ** 20];
      const sizes = new Set(edges.flatMap((size) => [size - 1, size, size + 1, size - 28]));
      for (const size of sizes) {
        if (size < 0) continue;
        const stream = noise(size, size);
        const { g, codec } = codecFor(size, k, m);
        for (let index = 0; index < g.segments; index++) {
          const start = segmentStart(g, index);
          const part = stream.subarray(start, start + segmentCapacity(g, index));
          const pieces = codec.encode(index, part, key);
          assert.equal(pieces.length, k === 1 ? 1 : k + m);
          for (const piece of pieces) {
            assert.equal(piece.byteLength, pieceBytes(g, index));
          }
          const back = codec.decode(index, new Map(pieces.entries()), key);
          assert.deepEqual(new Uint8Array(back), padded(part, segmentCapacity(g, index)));
        }
      }
    }
  });

  it('round-trips any stream, geometry and loss', () => {
    const cases = fc.record({
      k: fc.integer({ min: 1, max: 12 }),
      m: fc.integer({ min: 0, max: 12 }),
      size: fc.integer({ min: 0, max: 20_000 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(cases, ({ k, m, size, seed }) => {
        const plaintext = noise(size, seed);
        const { g, codec } = codecFor(size, k, m);
        const pieces = codec.encode(0, plaintext, key);
        const order = pieces.map((_, shard) => shard).sort((a, b) => hash(seed, a) - hash(seed, b));
        const some = pick(pieces, order.slice(0, k));
        const back = codec.decode(0, some, key);
        assert.deepEqual(new Uint8Array(back), padded(plaintext, segmentCapacity(g, 0)));
        pieces.forEach((piece, shard) => {
          assert.deepEqual(codec.checkPiece(0, shard, piece), []);
        });
      }),
      { numRuns: 100 },
    );
  });

  it('writes the header of FORMAT.md', () => {
    const { g, codec } = codecFor(3_000_000, 2, 2);
    const pieces = codec.encode(1, noise(segmentCapacity(g, 1)), key);
    pieces.forEach((piece, shard) => {
      const view = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      for (let j = 0; j < chunksPerPiece(g, 1); j++) {
        const chunk = view.subarray(j * 512, (j + 1) * 512);
        assert.equal(chunk.subarray(0, 8).toString('hex'), `010${shard}f001a0a1a2a3`);
        assert.equal(chunk.readUInt32LE(8), g.q + j);
        const covered = Buffer.concat([chunk.subarray(16), chunk.subarray(0, 12)]);
        assert.equal(chunk.readUInt32LE(12), xxh32(covered), `chunk ${j}`);
      }
    });
  });

  it('keeps the bytes of format version 1', () => {
    const { codec } = codecFor(4000, 3, 2);
    // Rebuilding from fixed pieces involves no nonce: parity, headers and checksums in one go.
    const given = [0, 1, 2].map((shard) => noise(1536, shard + 1));
    const rebuilt = [3, 4].map((shard) => codec.rebuild(0, new Map(given.entries()), shard));
    const digests = rebuilt.map(sha256Hex);
    assert.equal(
      Buffer.from(rebuilt[0] ?? []).toString('hex', 0, 24),
      '0103f001a0a1a2a3000000008c15bae4f55f12ad468ac644',
    );
    assert.deepEqual(digests, [
      '2e23f25bf4512107ff7b907e6b875d14a5f1cd554f3d834e562de06b7c4625b0',
      '9cd36453daefe3696810c1a09e83e809fe88f8da9c8243115d1227af0a154c57',
    ]);
  });

  it('finds every changed byte of a piece, and names its chunk', () => {
    const { codec } = codecFor(4 * 7 * 496 - 28, 4, 2);
    const pieces = codec.encode(0, noise(4 * 7 * 496 - 28), key);
    for (const shard of [0, 3, 5]) {
      const piece = pieces[shard] ?? assert.fail();
      assert.deepEqual(codec.checkPiece(0, shard, piece), []);
      forEachFlip(piece, (at) => {
        assert.deepEqual(codec.checkPiece(0, shard, piece), [Math.floor(at / 512)]);
      });
    }
  });

  it('finds pieces and chunks that are whole but belong elsewhere', () => {
    const { g, codec } = codecFor(3_000_000, 2, 2);
    const pieces = codec.encode(0, noise(1000), key);
    const all = Array.from({ length: g.q }, (_, index) => index);
    const [piece = assert.fail()] = pieces;
    assert.deepEqual(codec.checkPiece(0, 1, piece), all, 'another shard');
    assert.deepEqual(codec.checkPiece(1, 0, piece), all, 'another segment');
    const other = new SegmentCodec(kernel, { shareId: new Uint8Array(16), geometry: g });
    assert.deepEqual(other.checkPiece(0, 0, piece), all, 'another share');
    const swapped = piece.slice();
    swapped.copyWithin(512, 1024, 1536);
    assert.deepEqual(codec.checkPiece(0, 0, swapped), [1]);
    assert.deepEqual(codec.checkPiece(0, 0, new Uint8Array(piece.byteLength)), all, 'zeros');
  });

  it('makes copies that all say shard 0', () => {
    const { codec } = codecFor(2000, 1, 3);
    const pieces = codec.encode(0, noise(2000), key);
    assert.equal(pieces.length, 1);
    const [piece = assert.fail()] = pieces;
    for (let shard = 0; shard < 4; shard++) {
      assert.deepEqual(codec.checkPiece(0, shard, piece), []);
      assert.deepEqual(codec.rebuild(0, new Map([[2, piece]]), shard), piece);
    }
  });

  it('refuses what was changed, moved or sealed by another key', () => {
    const { g, codec } = codecFor(1_500_000, 2, 1);
    const pieces = codec.encode(0, noise(segmentCapacity(g, 0)), key);
    const again = codec.encode(0, noise(segmentCapacity(g, 0)), key);
    assert.notDeepEqual(again[0], pieces[0], 'a fresh nonce each time');
    const [a = assert.fail(), b = assert.fail()] = pieces;
    const changed = a.slice();
    changed[700] = (changed[700] ?? 0) ^ 1;
    throwsCode(
      () =>
        codec.decode(
          0,
          new Map([
            [0, changed],
            [1, b],
          ]),
          key,
        ),
      'integrity',
    );
    throwsCode(
      () =>
        codec.decode(
          0,
          new Map([
            [0, b],
            [1, a],
          ]),
          key,
        ),
      'integrity',
    );
    throwsCode(() => codec.decode(0, pick(pieces, [0, 1]), new Uint8Array(32)), 'integrity');
    throwsCode(() => codec.decode(0, pick(pieces, [2]), key), 'not-enough-shards');
    throwsCode(
      () =>
        codec.decode(
          0,
          new Map([
            [0, a.subarray(512)],
            [1, b],
          ]),
          key,
        ),
      'integrity',
    );
    throwsCode(
      () =>
        codec.decode(
          0,
          new Map([
            [0, a],
            [3, b],
          ]),
          key,
        ),
      'protocol',
    );
    throwsCode(() => codec.decode(2, pick(pieces, [0, 1]), key), 'protocol');
    throwsCode(() => codec.encode(0, noise(segmentCapacity(g, 0) + 1), key), 'internal');
  });

  it('seals as FORMAT.md says', () => {
    const sealed = sealSegment(key, shareId, 0x01020304, true, noise(50));
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    decipher.setAAD(Buffer.concat([shareId, Buffer.from('0403020101', 'hex')]));
    decipher.setAuthTag(sealed.subarray(62));
    const plain = Buffer.concat([decipher.update(sealed.subarray(12, 62)), decipher.final()]);
    assert.deepEqual(new Uint8Array(plain), noise(50));
  });

  it('binds a segment to its share, index and place at the end', () => {
    const { g, codec } = codecFor(600, 2, 0);
    const pieces = codec.encode(0, noise(600), key);
    const sealed = Buffer.concat(
      pieces.flatMap((piece) =>
        Array.from({ length: g.lastQ }, (_, j) => piece.subarray(j * 512 + 16, (j + 1) * 512)),
      ),
    );
    assert.deepEqual(
      openSegment(key, { shareId, segment: 0, last: true }, sealed).subarray(0, 600),
      new Uint8Array(noise(600)),
    );
    assert.ok(isLast(g, 0));
    throwsCode(() => openSegment(key, { shareId, segment: 0, last: false }, sealed), 'integrity');
    throwsCode(() => openSegment(key, { shareId, segment: 1, last: true }, sealed), 'integrity');
    throwsCode(
      () => openSegment(key, { shareId: new Uint8Array(16), segment: 0, last: true }, sealed),
      'integrity',
    );
    throwsCode(
      () => openSegment(key, { shareId, segment: 0, last: true }, sealed.subarray(0, 20)),
      'integrity',
    );
  });

  it('keeps shares apart that take turns on one kernel', () => {
    const one = codecFor(9_000, 3, 2);
    const two = codecFor(70_000, 5, 4);
    const big = codecFor(2_000_000, 4, 6);
    const first = one.codec.encode(0, noise(9_000), key);
    const second = two.codec.encode(0, noise(70_000, 2), key);
    const third = big.codec.encode(0, noise(1_000_000, 3), key);
    for (let turn = 0; turn < 2; turn++) {
      const a = one.codec.decode(0, pick(first, [2, 3, 4]), key);
      const b = two.codec.decode(0, pick(second, [0, 5, 6, 7, 8]), key);
      assert.deepEqual(big.codec.rebuild(0, pick(third, [6, 7, 8, 9]), 1), third[1]);
      assert.deepEqual(two.codec.checkPiece(0, 1, second[1] ?? assert.fail()), []);
      assert.deepEqual(new Uint8Array(a).subarray(0, 9_000), noise(9_000));
      assert.deepEqual(new Uint8Array(b).subarray(0, 70_000), noise(70_000, 2));
    }
  });
});

function hash(seed: number, value: number): number {
  return Math.imul(seed ^ (value * 0x9e3779b1), 0x85ebca6b) >>> 0;
}
