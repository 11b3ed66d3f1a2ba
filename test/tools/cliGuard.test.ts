import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const guard = path.resolve(import.meta.dirname, '../../src/cliGuard.cjs');

describe('the guard in front of the terminal program', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'guard-'));
    copyFileSync(guard, path.join(folder, 'cli.js'));
    // A program that an old Node could not even parse.
    writeFileSync(path.join(folder, 'main.js'), "console.log('started'); const x = /\\p{L}/v;");
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function run(version: string): { status: number | null; stdout: string; stderr: string } {
    const disguise = path.join(folder, `v${version}.cjs`);
    writeFileSync(
      disguise,
      `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`,
    );
    return spawnSync(process.execPath, ['--require', disguise, path.join(folder, 'cli.js')], {
      encoding: 'utf8',
      env: { ...process.env, MINIMUM_NODE: '22.15.0', NODE_OPTIONS: '' },
    });
  }

  for (const version of ['12.22.0', '20.19.4', '22.14.0']) {
    it(`says in one line that Node ${version} is too old`, () => {
      const { status, stdout, stderr } = run(version);
      assert.equal(status, 1);
      assert.equal(stdout, '');
      assert.match(stderr, /^chunk-partitioner needs Node\.js 22\.15\.0 or newer; [^\n]+\n$/);
    });
  }

  for (const version of ['22.15.0', '24.0.0']) {
    it(`starts the program on Node ${version}`, () => {
      assert.deepEqual(run(version).stdout, 'started\n');
    });
  }
});
