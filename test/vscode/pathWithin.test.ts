import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathWithin } from '../../src/vscode/tasks/pathWithin.js';

describe('a path that a workspace names', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'within-')));
  const folder = join(root, 'project');
  before(() => {
    mkdirSync(join(folder, 'dist'), { recursive: true });
    mkdirSync(join(root, 'project2'));
    writeFileSync(join(folder, 'dist', 'app'), '');
    symlinkSync(root, join(folder, 'out'));
    symlinkSync(join(folder, 'dist'), join(folder, 'latest'));
    symlinkSync(join(root, 'project2'), join(root, 'link'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  it('is taken within the folder, there or not yet, relative or absolute', async () => {
    for (const name of ['dist/app', 'dist/new/deep', 'latest/app', '..data', './dist/../dist'])
      assert.equal(await pathWithin(folder, name), join(folder, name));
    assert.equal(await pathWithin(folder, join(folder, 'dist')), join(folder, 'dist'));
    const link = join(root, 'link');
    assert.equal(await pathWithin(link, 'x'), join(link, 'x'));
  });

  it('is refused outside of it, also by way of a link', async () => {
    for (const name of ['..', '../project2', '../project2/x', '/etc/passwd', 'out', 'out/x/y'])
      assert.equal(await pathWithin(folder, name), undefined, name);
  });
});
