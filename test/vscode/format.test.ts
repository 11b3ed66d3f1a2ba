import assert from 'node:assert/strict';
import { formatBytes, formatCount, formatDuration, percent } from '../../src/vscode/format.js';

describe('figures', () => {
  it('give bytes in decimal units', () => {
    const cases: readonly [number, string][] = [
      [0, '0 B'],
      [999, '999 B'],
      [1000, '1.0 kB'],
      [18_000_000, '18 MB'],
      [999_600, '1.0 MB'],
      [1_340_000_000, '1.3 GB'],
    ];
    for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
  });

  it('give times in one unit', () => {
    assert.equal(formatDuration(-5), '0 s');
    assert.equal(formatDuration(40_000), '40 s');
    assert.equal(formatDuration(300_000), '5 m');
    assert.equal(formatDuration(7_200_000), '2 h');
    assert.equal(formatDuration(3 * 86_400_000), '3 d');
  });

  it('say 100% only when all is done, and for nothing to do', () => {
    assert.equal(percent(999, 1000), 99);
    assert.equal(percent(0, 0), 100);
    assert.equal(percent(5, 5), 100);
  });

  it('group digits as the language does', () => {
    assert.equal(formatCount(9999, 'en'), '9,999');
  });
});
