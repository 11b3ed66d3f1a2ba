import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShareInfo } from '../../src/control/contract.js';
import { TestGroup } from '../support/peers.js';

describe('a share out of a git repository', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let repository: string;
  let commit: string;

  function git(...args: readonly string[]): string {
    const who = ['-c', 'user.name=alice', '-c', 'user.email=alice@example.com'];
    return execFileSync('git', ['-C', repository, ...who, ...args], { encoding: 'utf8' }).trim();
  }

  before(async () => {
    group = await TestGroup.start(2);
    repository = join(group.filesDir, 'project');
    mkdirSync(join(repository, 'src'), { recursive: true });
    writeFileSync(join(repository, 'src', 'main.ts'), 'export {};\n');
    git('init', '--quiet', '--initial-branch', 'main');
    git('add', '.');
    git('commit', '--quiet', '--message', 'First');
    commit = git('rev-parse', 'HEAD');
  });
  after(() => group.dispose());

  /** Shares it from the first peer. @returns what that tells of git, and what another member reads of it */
  async function told(path: string): Promise<readonly [unknown, unknown]> {
    const { events } = await group.get(0).ok(['share', path]);
    const shared = events.find(({ event }) => event === 'shared');
    const { shareId } = shared?.['share'] as ShareInfo;
    await group.get(1).lists(shareId);
    return [shared?.['git'], (await group.get(1).ok(['ls', shareId])).last['git']];
  }

  it('carries commit, branch, folder, and whether all was committed, for members to read', async () => {
    const clean = { commit, branch: 'main', dirty: false, folder: 'src' };
    assert.deepEqual(await told(join(repository, 'src', 'main.ts')), [clean, clean]);
    writeFileSync(join(repository, 'src', 'main.ts'), 'export { a };\n');
    const dirty = { ...clean, dirty: true, folder: '' };
    assert.deepEqual(await told(repository), [dirty, dirty]);
  });

  it('elsewhere carries nothing', async () => {
    const file = join(group.filesDir, 'notes.txt');
    writeFileSync(file, 'x');
    assert.deepEqual(await told(file), [null, null]);
  });
});
