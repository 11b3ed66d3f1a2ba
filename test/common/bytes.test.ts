import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyBytes } from '../../src/common/bytes.js';

describe('copyBytes', () => {
  const sizes = [0, 1, 512, 2047, 2048, 2049, 16_384, 526_000];
  const memories: [string, (size: number) => ArrayBuffer | SharedArrayBuffer][] = [
    ['memory of one thread', (size) => new ArrayBuffer(size)],
    ['shared memory', (size) => new SharedArrayBuffer(size)],
  ];
  for (const [from, makeFrom] of memories) {
    for (const [to, makeTo] of memories) {
      it(`puts all of it in its place, and nothing else: from ${from} to ${to}`, () => {
        for (const size of sizes) {
          const bytes = randomBytes(size);
          const source = new Uint8Array(makeFrom(size + 20), 9, size);
          source.set(bytes);
          const room = makeTo(size + 30);
          copyBytes(source, new Uint8Array(room, 5, size + 20), 7);
          const expected = Buffer.concat([Buffer.alloc(12), bytes, Buffer.alloc(18)]);
          assert.ok(expected.equals(new Uint8Array(room)), String(size));
        }
      });
    }
  }

  it('refuses what does not fit, and writes none of it', () => {
    for (const size of sizes.slice(1)) {
      const target = new Uint8Array(new SharedArrayBuffer(size + 5));
      assert.throws(() => {
        copyBytes(new Uint8Array(size).fill(7), target, 6);
      }, RangeError);
      assert.ok(target.every((byte) => byte === 0));
    }
  });
});
