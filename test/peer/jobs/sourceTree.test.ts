import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import { SourceReader } from '../../../src/peer/jobs/sourceReader.js';
import { readSourceTree, type SourceTree } from '../../../src/peer/jobs/sourceTree.js';
import { throwsCode } from '../../chunk/expect.js';
import { writeTree } from '../../support/trees.js';

describe('the tree of a folder to share', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'source-tree-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const read = (ignore = true, folder = root): SourceTree =>
    readSourceTree({ path: folder, name: 'shared', ignore });
  const paths = (tree: SourceTree): string[] => tree.entries.map((entry) => entry.path);

  it('is the same every time: by name, folders before what is in them', () => {
    writeTree(root, { 'b/2': '', 'b/1': 'x', a: 'yy', 'b.txt': '', Z: '' });
    mkdirSync(path.join(root, 'empty'));
    const tree = read();
    assert.deepEqual(paths(tree), ['Z', 'a', 'b', 'b/1', 'b/2', 'b.txt', 'empty']);
    assert.equal(tree.size, 3);
    assert.deepEqual(read(), tree);
  });

  it('leaves out what rules say, the innermost first, and .git in any case', () => {
    writeTree(root, {
      '.gitignore': '*.log\n/build\nnode_modules/\n',
      'a.log': '',
      'build/x': '',
      'src/build/kept': '',
      'src/node_modules/m/index.js': '',
      'src/.gitignore': '!important.log\n/local\n',
      'src/important.log': '',
      'src/other.log': '',
      'src/local': '',
      'src/deep/local': '',
      'src/.git': 'gitdir: elsewhere',
      '.git/HEAD': '',
    });
    const tree = read();
    assert.deepEqual(
      paths(tree).filter((entry) => !entry.endsWith('.gitignore')),
      ['src', 'src/build', 'src/build/kept', 'src/deep', 'src/deep/local', 'src/important.log'],
    );
    assert.equal(tree.ignored, 5);
    const all = read(false);
    assert.equal(all.ignored, 0);
    assert.ok(paths(all).includes('build/x'));
    assert.ok(!paths(all).some((entry) => /(^|\/)\.git(\/|$)/.test(entry)));
  });

  it('decides as git does when folders are taken in again further down', () => {
    writeTree(root, {
      '.gitignore': 'x/\n*.log\n',
      'a/.gitignore': '!*/\n',
      'a/x/kept': '',
      'a/x/y/a.log': '',
      'a/x/y/kept': '',
      'b [c]/.gitignore': '/x*\n!keep.log\n',
      'b [c]/x1': '',
      'b [c]/d/x1': '',
      'b [c]/d/keep.log': '',
    });
    assert.deepEqual(
      paths(read()).filter((entry) => /(kept|log|x1)$/.test(entry)),
      ['a/x/kept', 'a/x/y/kept', 'b [c]/d/keep.log', 'b [c]/d/x1'],
    );
  });

  it('obeys the rules of the repository around it, unless they leave out the folder itself', () => {
    writeTree(root, {
      '.git/HEAD': '',
      '.gitignore': 'dist/\n*.tmp\n',
      'packages/.gitignore': 'secret\n',
      'packages/one/dist/x': '',
      'packages/one/a.tmp': '',
      'packages/one/secret': '',
      'packages/one/kept': '',
      'dist/a.tmp': '',
    });
    assert.deepEqual(paths(read(true, path.join(root, 'packages/one'))), ['kept']);
    assert.deepEqual(paths(read(true, path.join(root, 'dist'))), ['a.tmp']);
  });

  it('refuses rules that would take for ever, and takes what only looks like them', () => {
    const file = `${'a/'.repeat(200)}b`;
    const refused = ['**/a/**/a/**/a/**/c', '/**/a/**/a/**/c', '*\n'.repeat(10_001)];
    const taken = ['# a/**/b/**/c/**/d', 'a/**/**/**/**/c', '**/a/**/c', 'a*a*a*a*a*a*a*c'];
    writeTree(root, { [file]: '' });
    for (const rules of refused) {
      writeTree(root, { '.gitignore': rules });
      throwsCode(read, 'limit');
      assert.ok(paths(read(false)).includes(file));
    }
    writeTree(root, { '.gitignore': taken.join('\n') });
    assert.ok(paths(read()).includes(file));
  });

  it('keeps links that stay inside, and follows none', () => {
    writeTree(root, { 'd/file': '1' });
    const outside = mkdtempSync(path.join(os.tmpdir(), 'outside-'));
    writeTree(outside, { secret: 's' });
    for (const [name, target] of [
      ['in', 'd//file'],
      ['d/up', '../d/'],
      ['loop', '.'],
      ['absolute', outside],
      ['out', `../${path.basename(outside)}`],
      ['d/out', '../../x'],
      ['through', 'd/../d/file'],
      ['dangling', 'nowhere'],
    ] as const) {
      symlinkSync(target, path.join(root, name));
    }
    const tree = read();
    rmSync(outside, { recursive: true });
    assert.deepEqual(
      tree.entries.flatMap((entry) =>
        entry.kind === 'symlink' ? [[entry.path, entry.target]] : [],
      ),
      [
        ['d/up', '../d'],
        ['dangling', 'nowhere'],
        ['in', 'd/file'],
        ['loop', '.'],
      ],
    );
    assert.deepEqual(tree.links, ['absolute', 'd/out', 'out', 'through']);
    assert.equal(tree.files.length, 1);
  });

  it('leaves out what is no file, without waiting for it', () => {
    writeTree(root, { file: '' });
    execFileSync('mkfifo', [path.join(root, 'pipe')]);
    const tree = read();
    assert.deepEqual(paths(tree), ['file']);
    assert.deepEqual(tree.special, ['pipe']);
  });

  it('refuses names that not every platform takes, by name', () => {
    for (const name of ['aux.c', 'a:b', 'ends.', 'back\\slash']) {
      writeTree(root, { [`d/${name}`]: '' });
      assert.throws(
        () => new SourceReader(read()),
        (error: Error) =>
          error.message.includes(JSON.stringify(`d/${name}`)) &&
          (error as { code?: string }).code === 'usage',
      );
      rmSync(path.join(root, 'd', name));
    }
    writeTree(root, { Readme: '', README: '' });
    throwsCode(() => new SourceReader(read()), 'usage');
  });

  if (process.platform === 'linux') {
    it('refuses names that are no text', () => {
      mkdirSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xff, 0xfe)]));
      throwsCode(read, 'usage');
    });
  }

  it('refuses an empty folder, and one of which nothing is left', () => {
    throwsCode(read, 'usage');
    writeTree(root, { '.gitignore': '*\n', file: '' });
    throwsCode(read, 'usage');
    assert.equal(read(false).entries.length, 2);
  });
});
