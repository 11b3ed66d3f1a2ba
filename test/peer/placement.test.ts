import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { autoRedundancy, parseRedundancy, quorum, rankHolders } from '../../src/peer/placement.js';
import { rejects } from './support/rejects.js';

const nodeIds = fc.uniqueArray(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((id) => Buffer.from(id).toString('hex')),
  { minLength: 1, maxLength: 12 },
);
const shareIds = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((id) => Buffer.from(id).toString('hex'));

describe('placement', () => {
  it('chooses redundancy by the number of peers', () => {
    const table = Array.from({ length: 12 }, (_, peers) => {
      const { k, m } = autoRedundancy(peers);
      return `${String(k)}+${String(m)}`;
    });
    const expected = '1+0 1+0 1+1 1+2 2+2 2+2 3+3 3+3 3+3 3+3 4+6 4+6';
    assert.equal(table.join(' '), expected);
  });

  it('never asks for more shards than there are peers', () => {
    for (let peers = 1; peers < 300; peers++) {
      const { k, m } = autoRedundancy(peers);
      assert.ok(k + m <= peers);
    }
  });

  it('reads what users write', () => {
    assert.deepEqual(parseRedundancy('auto', 4), { k: 2, m: 2 });
    assert.deepEqual(parseRedundancy('copies:3', 9), { k: 1, m: 2 });
    assert.deepEqual(parseRedundancy('copies:1', 9), { k: 1, m: 0 });
    assert.deepEqual(parseRedundancy('4+6', 2), { k: 4, m: 6 });
    assert.deepEqual(parseRedundancy('254+1', 2), { k: 254, m: 1 });
    assert.deepEqual(parseRedundancy('copies:255', 2), { k: 1, m: 254 });
  });

  it('refuses what makes no sense', async () => {
    const bad =
      '|Auto| auto|2|2+|+2|0+1|255+1|128+128|copies:0|copies:256|copies:|copies:-1|copies:1.5|1e1+1|-1+2|2+2+2|２+２|2+2\n';
    for (const text of bad.split('|')) {
      const error = await rejects('usage', () => parseRedundancy(text, 4));
      assert.ok(error.hint);
    }
  });

  it('ranks alike for everybody', () => {
    fc.assert(
      fc.property(shareIds, nodeIds, (shareId, ids) => {
        const ranked = rankHolders(shareId, ids);
        assert.deepEqual(rankHolders(shareId, [...ids].reverse()), ranked);
        assert.deepEqual([...ranked].sort(), [...ids].sort());
      }),
    );
  });

  it('leaves all others in their order when one leaves or joins', () => {
    fc.assert(
      fc.property(shareIds, nodeIds, fc.nat(), (shareId, ids, pick) => {
        const gone = ids[pick % ids.length];
        const rest = ids.filter((id) => id !== gone);
        const before = rankHolders(shareId, ids).filter((id) => id !== gone);
        assert.deepEqual(rankHolders(shareId, rest), before);
      }),
    );
  });

  it('spreads shares over peers', () => {
    const ids = Array.from({ length: 4 }, (_, i) => `${String(i)}0`.repeat(32));
    const first = new Set(
      Array.from({ length: 64 }, (_, i) =>
        rankHolders(i.toString(16).padStart(32, '0'), ids).at(0),
      ),
    );
    assert.equal(first.size, 4);
  });

  it('counts a share as safe when one holder more than needed has it', () => {
    assert.equal(quorum({ k: 2, m: 2 }), 3);
    assert.equal(quorum({ k: 1, m: 0 }), 1);
    assert.equal(quorum({ k: 1, m: 2 }), 2);
    assert.equal(quorum({ k: 4, m: 0 }), 4);
  });
});
