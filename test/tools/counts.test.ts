import assert from 'node:assert/strict';
import { readCounts } from './counts.js';

describe('reading the closing lines of a runner', () => {
  it('reads those of mocha', () => {
    const { passed, failed, closing } = readCounts(
      '\n  ✔ adds\n\n  12 passing (3s)\n  2 failing\n',
    );
    assert.deepEqual([passed, failed], [12, 2]);
    assert.deepEqual(closing, ['12 passing (3s)', '2 failing']);
  });

  it("reads those of the repository's own runners", () => {
    assert.deepEqual(readCounts('workbench: 7 passed, 1 failed\n').failed, 1);
    assert.deepEqual(readCounts('7 passed, 0 failed').passed, 7);
  });

  it('finds no test in a run that was cut short', () => {
    assert.deepEqual(readCounts('starting\nError: 3 passing cars'), {
      passed: 0,
      failed: 0,
      closing: [],
    });
  });
});
