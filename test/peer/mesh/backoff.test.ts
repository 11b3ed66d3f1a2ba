import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Backoff } from '../../../src/peer/mesh/backoff.js';

const ceilings = [1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000);

describe('Backoff', () => {
  it('draws below a ceiling that doubles from a second to a minute, for ever', () => {
    const backoff = new Backoff(() => 1);
    assert.deepEqual(
      ceilings.map(() => backoff.next()),
      ceilings,
    );
    for (let i = 0; i < 2000; i++) backoff.next();
    assert.equal(backoff.next(), 60_000);
  });

  it('draws anything between the least wait and the ceiling', () => {
    const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(random, (drawn) => {
        const backoff = new Backoff(() => drawn);
        for (const ceiling of ceilings) {
          const wait = backoff.next();
          assert.ok(wait >= 100 && wait <= ceiling);
          assert.ok(Math.abs(wait - (100 + drawn * (ceiling - 100))) <= 0.5);
        }
      }),
    );
  });

  it('starts over after a success', () => {
    const backoff = new Backoff(() => 1);
    backoff.next();
    backoff.next();
    backoff.reset();
    assert.equal(backoff.next(), 1000);
  });
});
