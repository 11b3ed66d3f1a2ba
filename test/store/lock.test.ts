import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { acquireLock } from '../../src/store/lock.js';
import { rejectsWith } from './support/rejectsWith.js';
import { runChild } from './support/runChild.js';

describe('lock of the data directory', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(os.tmpdir(), 'store-lock-'));
  });
  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('is held once, and given back', async () => {
    const lock = acquireLock(dataDir);
    const error = await rejectsWith('in-use', () => acquireLock(dataDir));
    assert.ok(error.hint);
    lock.dispose();
    lock.dispose();
    acquireLock(dataDir).dispose();
  });

  it('keeps other processes out, and ends with the process that held it', async () => {
    const child = await runChild({ dataDir, workerPath: 'none', step: 'lock' });
    await rejectsWith('in-use', () => acquireLock(dataDir));
    await child.kill();
    acquireLock(dataDir).dispose();
  });

  it('stays held when this process asks for it once more', async () => {
    const lock = acquireLock(dataDir);
    await rejectsWith('in-use', () => acquireLock(dataDir));
    const child = await runChild({ dataDir, workerPath: 'none', step: 'lock' });
    assert.equal(child.answer.error, 'in-use');
    await child.kill();
    lock.dispose();
  });

  it('makes the directory, for nobody else to read', function () {
    if (process.platform === 'win32') this.skip();
    const inner = path.join(dataDir, 'a', 'b');
    acquireLock(inner).dispose();
    assert.equal(statSync(inner).mode & 0o777, 0o700);
    assert.equal(statSync(path.join(inner, 'lock.db')).mode & 0o777, 0o600);
  });
});
