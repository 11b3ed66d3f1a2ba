import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { encodeTree, type TreeEntry } from '../../../src/chunk/tree.js';
import { TreeIndex } from '../../../src/peer/read/treeIndex.js';

const dated = { mode: 0o644, mtimeMs: 1000 };

function file(path: string, size: number): TreeEntry {
  return { kind: 'file', path, size, sha256: new Uint8Array(32), ...dated };
}

function indexOf(entries: readonly TreeEntry[]): TreeIndex {
  const bytes = encodeTree({ git: null, entries });
  const total = entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0);
  return new TreeIndex(bytes, createHash('sha256').update(bytes).digest(), total);
}

describe('TreeIndex', () => {
  const index = indexOf([
    { kind: 'dir', path: 'docs', ...dated },
    file('docs/a.md', 1),
    file('docs/deep/b.md', 2),
    file('docs/deep/c.md', 3),
    file('docsmith', 4),
    file('src/main.ts', 5),
  ]);
  const list = (under: string, direct: boolean, from = 0, limit = 100) => {
    const { entries, next } = index.list({ under, direct, from, limit });
    return { names: entries.map(({ kind, path }) => `${kind} ${path}`), next };
  };

  it('lists an entry and all that is below it', () => {
    assert.deepEqual(list('docs', false).names, [
      'dir docs',
      'file docs/a.md',
      'file docs/deep/b.md',
      'file docs/deep/c.md',
    ]);
  });

  it('lists what a folder shows, folders included that only their files tell of', () => {
    assert.deepEqual(list('', true).names, ['dir docs', 'file docsmith', 'dir src']);
    assert.deepEqual(list('docs', true).names, ['file docs/a.md', 'dir docs/deep']);
    assert.deepEqual(list('docs/deep', true).names, ['file docs/deep/b.md', 'file docs/deep/c.md']);
    assert.deepEqual(list('docs/a.md', true).names, []);
    assert.deepEqual(list('doc', true).names, []);
  });

  it('goes on where a page ended, and names each entry of a page once', () => {
    const seen = new Set<string>();
    let from: number | null = 0;
    while (from !== null) {
      const page: ReturnType<typeof list> = list('', true, from, 1);
      assert.equal(page.names.length, 1);
      page.names.forEach((name) => seen.add(name));
      assert.ok(page.next === null || page.next > from);
      from = page.next;
    }
    assert.deepEqual([...seen], ['dir docs', 'file docsmith', 'dir src']);
  });
});
