import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HolderInfo } from '../../src/control/contract.js';
import { riskOf } from '../../src/vscode/risk.js';

const holder = (name: string, shard: number): HolderInfo => ({
  ...{ nodeId: name, name, shard, online: true },
});

/** Whether the shards of those who stay give the file back. */
function survives(holders: readonly HolderInfo[], gone: ReadonlySet<string>, k: number): boolean {
  const left = holders.filter(({ nodeId }) => !gone.has(nodeId));
  return new Set(left.map(({ shard }) => shard)).size >= k;
}

/** Largest number of which any may leave, by trying all. */
function bySearch(holders: readonly HolderInfo[], k: number): number {
  const names = [...new Set(holders.map(({ nodeId }) => nodeId))];
  let most = names.length;
  for (let bits = 0; bits < 1 << names.length; bits += 1) {
    const gone = new Set(names.filter((_, at) => (bits >> at) % 2 === 1));
    if (!survives(holders, gone, k)) most = Math.min(most, gone.size - 1);
  }
  return most;
}

describe('what a file can lose', () => {
  it('is counted in peers', () => {
    const four = ['a', 'b', 'c', 'd'].map(holder);
    assert.deepEqual(riskOf({ k: 2, holders: four }), { spare: 2, hangsOn: [] });
    // Two shards to spare, both with one peer.
    const three = [holder('a', 0), holder('a', 1), holder('b', 2), holder('c', 3)];
    assert.equal(riskOf({ k: 2, holders: three }).spare, 1);
    const two = [holder('a', 0), holder('a', 1), holder('a', 2), holder('b', 3)];
    assert.deepEqual(
      riskOf({ k: 2, holders: two }).hangsOn.map(({ name }) => name),
      ['a'],
    );
  });

  it('names all on whom it hangs when nothing is to spare, and nobody when it is too late', () => {
    const two = [holder('a', 0), holder('b', 3)];
    const { spare, hangsOn } = riskOf({ k: 2, holders: two });
    assert.deepEqual([spare, hangsOn], [0, two]);
    assert.deepEqual(riskOf({ k: 3, holders: two }), { spare: -1, hangsOn: [] });
    assert.deepEqual(riskOf({ k: 2, holders: [] }), { spare: -2, hangsOn: [] });
  });

  it('is never told to be more than it is, and exactly that where no shard is held twice', () => {
    const holding = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), shard: fc.nat(4) });
    fc.assert(
      fc.property(
        fc.uniqueArray(holding, {
          maxLength: 10,
          selector: ({ name, shard }) => `${name}${String(shard)}`,
        }),
        fc.integer({ min: 1, max: 4 }),
        (held, k) => {
          const holders = held.map(({ name, shard }) => holder(name, shard));
          const { spare, hangsOn } = riskOf({ k, holders });
          const shards = new Set(holders.map(({ shard }) => shard));
          if (shards.size < k) {
            assert.equal(spare, shards.size - k);
            return;
          }
          const most = bySearch(holders, k);
          assert.ok(spare <= most, `${String(spare)} of ${String(most)}`);
          assert.equal(spare === 0, most === 0);
          if (shards.size === holders.length) assert.equal(spare, most);
          for (const { nodeId } of holders) {
            const alone = !survives(holders, new Set([nodeId]), k);
            assert.equal(
              hangsOn.some((one) => one.nodeId === nodeId),
              alone,
            );
          }
        },
      ),
    );
  });
});
