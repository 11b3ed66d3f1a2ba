import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { surplusVersions } from '../../../src/peer/deletion/versionPolicy.js';
import type { VersionRow } from '../../../src/store/store.js';

const day = 24 * 60 * 60 * 1000;
const now = 1000 * day;

/** Versions newest first; of each, how many days ago another took its place. */
function rows(...replaced: readonly (number | null)[]): VersionRow[] {
  return replaced.map((days, index) => ({
    ...{ shareId: String(index), groupId: '', authorId: '', lineage: '', createdAt: 0, k: 1, m: 1 },
    ...{ chunksPerShard: 1, name: 'a', kind: 'file', size: 1, sha256: '', listed: true },
    ...{ superseded: index > 0, verifiedAt: null, verifiedOk: null },
    replacedAt: days === null ? null : now - days * day,
  }));
}

const policy = { versions: 5, versionDays: 30 };
const surplus = (versions: VersionRow[], own = policy): string[] =>
  surplusVersions(versions, own, now).map(({ shareId }) => shareId);

describe('the policy of versions', () => {
  it('keeps at most so many, and the newest always', () => {
    assert.deepEqual(surplus(rows(null, 1, 2, 3, 4)), []);
    assert.deepEqual(surplus(rows(null, 1, 2, 3, 4, 5, 6)), ['5', '6']);
    assert.deepEqual(surplus(rows(null, 1, 2), { ...policy, versions: 1 }), ['1', '2']);
    assert.deepEqual(surplus(rows(null)), []);
    assert.deepEqual(surplus([]), []);
  });

  it('keeps an older one for some days from when a newer one came', () => {
    assert.deepEqual(surplus(rows(null, 29.9, 30, 31)), ['2', '3']);
    assert.deepEqual(surplus(rows(null, 0), { ...policy, versionDays: 0 }), ['1']);
    // A clock that was years ahead ends nothing.
    assert.deepEqual(surplus(rows(null, -5000, -4000)), []);
  });

  it('ends no side of a fork that nobody followed, and never the newest', () => {
    assert.deepEqual(surplus(rows(null, null, 40, null, 50, 60, null)), ['2', '4', '5']);
    const days = fc.option(fc.integer({ min: -50, max: 5000 }));
    fc.assert(
      fc.property(fc.array(days), fc.nat(9), fc.nat(50), (replaced, versions, versionDays) => {
        const all = rows(...replaced);
        const gone = surplusVersions(all, { versions: versions + 1, versionDays }, now);
        assert.ok(gone.every((row) => row !== all[0]));
        assert.ok(gone.every(({ replacedAt }) => replacedAt !== null));
      }),
    );
  });
});
