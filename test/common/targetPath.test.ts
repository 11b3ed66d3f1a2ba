import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import { freePath, isTaken } from '../../src/common/targetPath.js';

describe('the target of a download', () => {
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'target-path-'));
    writeFileSync(at('report.tar.gz'), '');
    symlinkSync('nowhere', at('dangling'));
    mkdirSync(at('empty'));
    mkdirSync(at('full'));
    writeFileSync(path.join(folder, 'full', 'a'), '');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is taken by whatever lies there, but for an empty folder where a folder comes', async () => {
    const names = ['report.tar.gz', 'dangling', 'empty', 'full', 'none'];
    const taken = (kind: 'file' | 'folder'): Promise<boolean[]> =>
      Promise.all(names.map((name) => isTaken(at(name), kind)));
    assert.deepEqual(await taken('file'), [true, true, true, true, false]);
    assert.deepEqual(await taken('folder'), [true, true, false, true, false]);
  });

  it('gets a number that is free, before the ending of a file and behind a folder', async () => {
    assert.equal(await freePath(at('none'), 'file'), at('none'));
    assert.equal(await freePath(at('report.tar.gz'), 'file'), at('report.tar (2).gz'));
    writeFileSync(at('report.tar (2).gz'), '');
    const soon = new Set([at('report.tar (3).gz')]);
    assert.equal(await freePath(at('report.tar.gz'), 'file', soon), at('report.tar (4).gz'));
    mkdirSync(at('v1.0'));
    writeFileSync(path.join(folder, 'v1.0', 'a'), '');
    assert.equal(await freePath(at('v1.0'), 'folder'), at('v1.0 (2)'));
    writeFileSync(at('.env'), '');
    assert.equal(await freePath(at('.env'), 'file'), at('.env (2)'));
  });
});
