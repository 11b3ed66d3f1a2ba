import assert from 'node:assert/strict';
import fc from 'fast-check';
import { codingMatrix, recoveryRows } from '../../src/chunk/erasure.js';
import { SegmentCodec } from '../../src/chunk/segment.js';
import { loadKernel } from './loadKernel.js';
import { noise } from './expect.js';

/** Product in GF(2^8) modulo 0x11d, bit by bit: shares nothing with the tables under test. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) {
    if ((b >> bit) & 1) product ^= a << bit;
  }
  for (let bit = 14; bit >= 8; bit--) {
    if ((product >> bit) & 1) product ^= 0x11d << (bit - 8);
  }
  return product;
}

function combine(row: Uint8Array, columns: readonly Uint8Array[]): Uint8Array {
  return (columns[0] ?? assert.fail()).map((_, at) =>
    columns.reduce((sum, column, i) => sum ^ times(row[i] ?? 0, column[at] ?? 0), 0),
  );
}

function rowOf(matrix: { columns: number; cells: Uint8Array }, row: number): Uint8Array {
  return matrix.cells.subarray(row * matrix.columns, (row + 1) * matrix.columns);
}

describe('erasure code', () => {
  it('gives the published vector of 5+5', () => {
    const data = [
      [0, 1],
      [4, 5],
      [2, 3],
      [6, 7],
      [8, 9],
    ].map((pair) => Uint8Array.from(pair));
    const coding = codingMatrix(5, 10);
    const parity = [5, 6, 7, 8, 9].map((row) => [...combine(rowOf(coding, row), data)]);
    assert.deepEqual(parity, [
      [12, 13],
      [10, 11],
      [14, 15],
      [90, 91],
      [94, 95],
    ]);
  });

  it('is systematic', () => {
    for (const [k, n] of [
      [1, 1],
      [4, 10],
      [128, 255],
      [255, 255],
    ] as const) {
      const coding = codingMatrix(k, n);
      for (let row = 0; row < k; row++) {
        assert.ok(rowOf(coding, row).every((cell, column) => cell === (row === column ? 1 : 0)));
      }
    }
  });

  it('agrees, in the kernel, with multiplication bit by bit', () => {
    const kernel = loadKernel();
    const cases = fc
      .record({ k: fc.integer({ min: 2, max: 20 }), m: fc.integer({ min: 1, max: 20 }) })
      .chain(({ k, m }) =>
        fc.record({
          k: fc.constant(k),
          m: fc.constant(m),
          kept: fc.shuffledSubarray(
            Array.from({ length: k + m }, (_, shard) => shard),
            { minLength: k, maxLength: k },
          ),
          wanted: fc.nat(k + m - 1),
        }),
      );
    fc.assert(
      fc.property(cases, ({ k, m, kept, wanted }) => {
        const geometry = { k, m, q: 1, segments: 1, lastQ: 1 };
        const codec = new SegmentCodec(kernel, { shareId: new Uint8Array(16), geometry });
        const order = [...kept].sort((a, b) => a - b);
        const pieces = new Map(order.map((shard) => [shard, noise(512, shard + 1)]));
        const row = rowOf(recoveryRows(codingMatrix(k, k + m), order, [wanted]), 0);
        const payloads = [...pieces.values()].map((piece) => piece.subarray(16));
        const rebuilt = codec.rebuild(0, pieces, wanted);
        assert.deepEqual(rebuilt.subarray(16), combine(row, payloads));
      }),
      { numRuns: 60 },
    );
  });

  it('multiplies every pair of bytes rightly', () => {
    const kernel = loadKernel();
    // 255 shards of k = 2 bring every coefficient that parity rows can have; each meets all bytes.
    const geometry = { k: 2, m: 253, q: 1, segments: 1, lastQ: 1 };
    const codec = new SegmentCodec(kernel, { shareId: new Uint8Array(16), geometry });
    const coding = codingMatrix(2, 255);
    const bytes = Uint8Array.from({ length: 512 }, (_, at) => at - 16);
    const pieces = new Map([
      [0, bytes],
      [1, bytes.toReversed()],
    ]);
    const payloads = [...pieces.values()].map((piece) => piece.subarray(16));
    for (let shard = 2; shard < 255; shard++) {
      const rebuilt = codec.rebuild(0, pieces, shard);
      assert.deepEqual(rebuilt.subarray(16), combine(rowOf(coding, shard), payloads));
    }
  });
});
