import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Throttle } from '../../src/vscode/throttle.js';

describe('throttle', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => {
    mock.timers.reset();
  });

  it('runs at once, then at most once an interval, and never forgets the last', () => {
    let runs = 0;
    const throttle = new Throttle(() => (runs += 1), 250);
    for (let n = 0; n < 50; n += 1) throttle.request();
    assert.equal(runs, 1);
    mock.timers.tick(250);
    assert.equal(runs, 2);
    mock.timers.tick(1000);
    assert.equal(runs, 2);
    throttle.request();
    assert.equal(runs, 3);
    throttle.dispose();
  });

  it('is quiet once it is disposed of', () => {
    let runs = 0;
    const throttle = new Throttle(() => (runs += 1), 250);
    throttle.request();
    throttle.request();
    throttle.dispose();
    throttle.request();
    mock.timers.tick(1000);
    assert.equal(runs, 1);
  });
});
