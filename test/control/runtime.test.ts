import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installRuntime, removeOldRuntimes } from '../../src/control/runtime.js';

describe('copies of the runtime', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'runtime-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const build = (version: string): string => {
    const names = ['cli.js', 'main.js', 'peer.js', 'worker.js', 'kernel.wasm'];
    for (const name of names) writeFileSync(path.join(folder, name), `${name} ${version}`);
    return folder;
  };
  const grow = (copy: string): void => {
    const before = Date.now() / 1000 - 24 * 60 * 60;
    utimesSync(copy, before, before);
  };

  it('go when a later version runs, but for its own and the youngest', () => {
    const dataDir = path.join(folder, 'data');
    removeOldRuntimes(dataDir, folder);
    const [first, second, third] = [
      installRuntime(build('1'), dataDir),
      installRuntime(build('2'), dataDir),
      installRuntime(build('3'), dataDir),
    ];
    assert.equal(installRuntime(build('2'), dataDir), second);
    grow(first);
    grow(second);
    removeOldRuntimes(dataDir, second);
    assert.deepEqual(
      readdirSync(path.join(dataDir, 'runtime')).sort(),
      [second, third].map((copy) => path.basename(copy)).sort(),
    );
  });
});
