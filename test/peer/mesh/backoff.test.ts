import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Backoff } from '../../../src/peer/mesh/backoff.js';

describe('Backoff', () => {
  it('doubles from a second to a minute, for ever', () => {
    const backoff = new Backoff(() => 0.5);
    const waits = Array.from({ length: 9 }, () => backoff.next());
    assert.deepEqual(
      waits,
      [1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1000),
    );
    for (let i = 0; i < 2000; i++) backoff.next();
    assert.equal(backoff.next(), 60_000);
  });

  it('starts over after a success', () => {
    const backoff = new Backoff(() => 0.5);
    backoff.next();
    backoff.next();
    backoff.reset();
    assert.equal(backoff.next(), 1000);
  });

  it('stays within a tenth to either side', () => {
    assert.equal(new Backoff(() => 0).next(), 900);
    assert.equal(new Backoff(() => 1).next(), 1100);
  });
});
