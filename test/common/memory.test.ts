import assert from 'node:assert/strict';
import { MemoryPool } from '../../src/common/memory.js';

describe('memory that is used again', () => {
  it('is made once for leases that follow one another, whatever their length in a unit', () => {
    const pool = new MemoryPool(1 << 20);
    for (let round = 0; round < 5; round += 1) {
      const lease = pool.take(500_000 + round);
      assert.equal(lease.bytes.byteLength, 500_000 + round);
      lease.release();
    }
    assert.equal(pool.made, 1);
  });

  it('is never lent to two at once, also when it was given back twice', () => {
    const pool = new MemoryPool(4 << 20);
    const first = pool.take(100_000);
    first.release();
    first.release();
    const [a, b] = [pool.take(100_000), pool.take(100_000)];
    assert.notEqual(a.bytes.buffer, b.bytes.buffer);
    first.release();
    const c = pool.take(100_000);
    assert.ok(c.bytes.buffer !== a.bytes.buffer && c.bytes.buffer !== b.bytes.buffer);
  });

  it('is kept up to its bound, and freed beyond it', () => {
    const pool = new MemoryPool(200_000);
    const leases = [pool.take(130_000), pool.take(130_000), pool.take(130_000)];
    for (const lease of leases) lease.release();
    for (let i = 0; i < 3; i += 1) pool.take(130_000);
    assert.equal(pool.made, 5);
  });

  it('can be posted to a thread without a copy, and small pieces come from anywhere', () => {
    const pool = new MemoryPool(1 << 20);
    assert.ok(pool.take(65_537).bytes.buffer instanceof SharedArrayBuffer);
    assert.equal(pool.take(16).bytes.byteLength, 16);
    assert.equal(pool.made, 1);
  });
});
