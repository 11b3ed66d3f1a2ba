import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { systemTime } from '../../src/common/time.js';

describe('systemTime', () => {
  it('calls after a while, unless it is told not to', async () => {
    const before = systemTime.now();
    let wrong = 0;
    const never = systemTime.after(1, () => (wrong += 1));
    never.dispose();
    const keepsRunning = setTimeout(() => undefined, 10_000); // as its own timers do not
    await new Promise<void>((resolve) => systemTime.after(5, resolve));
    clearTimeout(keepsRunning);
    never.dispose();
    assert.equal(wrong, 0);
    assert.ok(systemTime.now() - before >= 4);
  });
});
