import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitStateOf, readStatus } from '../../../src/peer/share/gitState.js';

describe('the state of git', () => {
  const root = mkdtempSync(join(tmpdir(), 'git-state-'));
  const repository = join(root, 'repository');
  const file = join(repository, 'notes.txt');
  const trap = join(root, 'trap.sh');
  const sprung = join(root, 'sprung');
  let commit: string;

  function git(...args: readonly string[]): string {
    const who = ['-c', 'user.name=alice', '-c', 'user.email=alice@example.com'];
    return execFileSync('git', ['-C', repository, ...who, ...args], { encoding: 'utf8' }).trim();
  }

  before(() => {
    mkdirSync(join(repository, 'deep'), { recursive: true });
    writeFileSync(file, 'one\n');
    git('init', '--quiet', '--initial-branch', 'main');
    writeFileSync(trap, `#!/bin/sh\necho x >> "${sprung}"\nexit 1\n`);
    chmodSync(trap, 0o755);
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  it('is none outside of a repository, before the first commit, and of what is not there', async () => {
    assert.equal(await gitStateOf(root), null);
    assert.equal(await gitStateOf(file), null);
    assert.equal(await gitStateOf(join(root, 'missing')), null);
  });

  it('is commit, branch, and whether tracked files differ', async () => {
    git('add', '.');
    git('commit', '--quiet', '--message', 'First');
    commit = git('rev-parse', 'HEAD');
    const clean = { commit, branch: 'main', dirty: false, folder: '' };
    assert.deepEqual(await gitStateOf(file), clean);
    assert.deepEqual(await gitStateOf(join(repository, 'deep')), clean);
    writeFileSync(join(repository, 'untracked.txt'), 'x');
    assert.deepEqual(await gitStateOf(repository), clean);
    writeFileSync(file, 'two, and longer\n');
    assert.deepEqual(await gitStateOf(file), { ...clean, dirty: true });
    git('checkout', '--quiet', '--detach', '--force');
    assert.deepEqual(await gitStateOf(file), { commit, branch: null, dirty: false, folder: '' });
  });

  it('says in which folder of the repository it lies, through links as well', async () => {
    const folderOf = async (at: string): Promise<unknown> => (await gitStateOf(at))?.folder;
    mkdirSync(join(repository, 'deep', 'er ü'));
    writeFileSync(join(repository, 'deep', 'er ü', 'x'), 'x');
    symlinkSync(join(repository, 'deep', 'er ü'), join(root, 'link'));
    assert.equal(await folderOf(join(repository, 'deep', 'er ü', 'x')), 'deep/er ü');
    assert.equal(await folderOf(join(root, 'link', 'x')), 'deep/er ü');
    assert.equal(await folderOf(join(root, 'link')), 'deep');
    assert.equal(await folderOf(repository), '');
  });

  it('runs no program that the repository names', async () => {
    git('config', 'core.fsmonitor', trap);
    git('config', 'core.hooksPath', root);
    assert.equal((await gitStateOf(file))?.commit, commit);
    git('config', 'filter.trap.clean', trap);
    writeFileSync(join(repository, '.git', 'info', 'attributes'), '* filter=trap\n');
    writeFileSync(file, 'three\n');
    assert.equal(await gitStateOf(file), null);
    // What is listed of so many settings ends before the filter.
    const many = Array.from({ length: 50_000 }, (_, at) => `k${'x'.repeat(80)}${String(at)} = 1`);
    const config = join(repository, '.git', 'config');
    const before = readFileSync(config, 'utf8');
    writeFileSync(config, `[pad]\n${many.join('\n')}\n${before}`);
    assert.equal(await gitStateOf(file), null);
    writeFileSync(config, before);
    git('config', '--remove-section', 'filter.trap');
    assert.ok(!existsSync(sprung));
  });

  it('is none of a folder that only looks like a repository', async () => {
    const bare = join(root, 'bare');
    git('clone', '--quiet', '--bare', '.', bare);
    mkdirSync(join(root, '.git')); // or git is not asked at all
    const inBare = (...args: readonly string[]): string =>
      execFileSync('git', ['-C', bare, ...args], { encoding: 'utf8' }).trim();
    inBare('config', 'core.bare', 'false');
    inBare('config', 'core.worktree', repository);
    assert.match(inBare('status', '--porcelain=v2', '--branch'), /^# branch.oid/);
    assert.equal(await gitStateOf(bare), null);
  });

  it('fetches nothing that the repository lacks, by no program that it names', async () => {
    for (const [key, value] of [
      ['core.repositoryFormatVersion', '1'],
      ['extensions.partialClone', 'origin'],
      ['remote.origin.promisor', 'true'],
      ['remote.origin.url', `ext::${trap}`],
      ['protocol.ext.allow', 'always'],
    ] as const) {
      git('config', key, value);
    }
    const tree = git('rev-parse', 'HEAD^{tree}');
    rmSync(join(repository, '.git', 'objects', tree.slice(0, 2), tree.slice(2)));
    assert.equal(await gitStateOf(file), null);
    assert.ok(!existsSync(sprung));
  });

  it('is read from what git prints, and from nothing else', () => {
    const oid = 'ab'.repeat(20);
    const status = (head: string): string => `# branch.oid ${oid}\n# branch.head ${head}\n`;
    const clean = { commit: oid, branch: 'main', dirty: false, folder: 'a/b' };
    assert.deepEqual(readStatus(status('main'), 'a/b'), clean);
    assert.equal(readStatus(`${status('main')}1 .M N... 1 2 3 4 5 a\n`, '')?.dirty, true);
    const long = 'x'.repeat(5000);
    assert.deepEqual(readStatus(status(long), 'a/b'), { ...clean, branch: null });
    for (const folder of [long, 'a/\ud800'])
      assert.deepEqual(readStatus(status('main'), folder), { ...clean, folder: null });
    for (const printed of ['', 'fatal: no', '# branch.oid (initial)\n# branch.head main\n'])
      assert.equal(readStatus(printed, ''), null);
  });
});
