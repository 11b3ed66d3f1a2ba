import assert from 'node:assert/strict';
import fc from 'fast-check';
import { survivalText } from '../../src/cli/shareText.js';
import { cells, fit, table } from '../../src/cli/text.js';
import {
  formatAge,
  formatBytes,
  formatDuration,
  formatRuns,
  parseDuration,
  percent,
} from '../../src/cli/units.js';
import { isRedundancy } from '../../src/cli/options.js';

describe('text for the terminal', () => {
  it('lines columns up whatever the script', () => {
    assert.equal(cells('報告'), 4);
    assert.equal(cells('e\u0301'), 1);
    assert.deepEqual(
      table(
        [
          ['報告', '1'],
          ['a', '20'],
        ],
        ['left', 'right'],
      ),
      ['報告   1', 'a     20'],
    );
  });

  it('fits a line to a width', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (text, width) => {
        assert.ok(cells(fit(text, width)) <= width);
      }),
    );
    assert.equal(fit('abcdef', 4), 'abc…');
  });

  it('writes sizes with three digits', () => {
    const sizes = [0, 1, 496, 999, 1000, 1_048_576, 18_000_000, 999_600, 314_572_800, 4.3e12];
    assert.deepEqual(sizes.map(formatBytes), [
      '0 B',
      '1 B',
      '496 B',
      '999 B',
      '1 kB',
      '1.05 MB',
      '18 MB',
      '1 MB',
      '315 MB',
      '4.3 TB',
    ]);
  });

  it('writes ages and durations in one unit', () => {
    const now = 1e12;
    assert.equal(formatAge(now + 5000, now), 'just now');
    assert.equal(formatAge(now - 300_000, now), '5 m ago');
    assert.deepEqual([41.2, 60, 7300, 200_000].map(formatDuration), ['42 s', '1 m', '2 h', '2 d']);
  });

  it('says 100 percent only when all is done', () => {
    assert.deepEqual(
      [percent(0, 0), percent(999, 1000), percent(1000, 1000), percent(0, 5)],
      [100, 99, 100, 0],
    );
  });

  it('reads durations, and refuses what is none', () => {
    assert.deepEqual(
      ['90s', '30m', '1h', '7 d'].map(parseDuration),
      [90_000, 1_800_000, 3_600_000, 604_800_000],
    );
    for (const text of ['', '1', 'h', '-1h', '1.5h', '0s', '31d', '1e3s', '99999999d']) {
      assert.equal(parseDuration(text), null, text);
    }
  });

  it('writes chunk numbers as runs', () => {
    assert.equal(formatRuns([9, 7, 8, 1234, 5, 5]), '5, 7–9, 1,234');
    assert.equal(formatRuns([]), '');
  });

  it('knows the redundancies that make sense', () => {
    for (const text of ['auto', 'copies:1', 'copies:255', '1+0', '4+6', '254+1'])
      assert.ok(isRedundancy(text), text);
    for (const text of ['', 'copies:0', 'copies:256', '0+2', '200+56', '2', '2+', 'AUTO', '2+2 ']) {
      assert.ok(!isRedundancy(text), text);
    }
  });

  it('says in words how many may leave', () => {
    assert.deepEqual([-1, 0, 1, 3].map(survivalText), [
      'too few left',
      'none leaving',
      'any 1 leaving',
      'any 3 leaving',
    ]);
  });
});
