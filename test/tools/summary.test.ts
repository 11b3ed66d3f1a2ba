import assert from 'node:assert/strict';
import type { StepResult } from './step.js';
import { summary } from './summary.js';

const unit: StepResult = {
  script: 'unit',
  ok: true,
  seconds: 3,
  problem: '',
  lastWords: '',
  passed: 12,
  failed: 0,
  closing: ['12 passing (3s)'],
};

describe('the summary of a run', () => {
  it('ends with the sum of all runners', () => {
    const text = summary([unit, { ...unit, script: 'e2e', passed: 5, closing: ['5 passing'] }]);
    assert.match(text, /\n17 passed, 0 failed\n$/);
    assert.match(text, /^unit {5}3 s {2}12 passing \(3s\)$/m);
  });

  it('repeats what failed, before the sum', () => {
    const broken = { ...unit, ok: false, failed: 1, problem: '1 failed', lastWords: '1) adds' };
    assert.match(summary([broken]), /FAILED: 1 failed\n[^]*\n1\) adds\n\n12 passed, 1 failed\n$/);
  });

  it('counts a runner that broke before its first test as a failure', () => {
    const broken = { ...unit, ok: false, passed: 0, closing: [], problem: 'ran no test' };
    assert.match(summary([unit, broken]), /12 passed, 1 failed/);
    assert.match(summary([unit, broken]), /FAILED: ran no test/);
  });
});
