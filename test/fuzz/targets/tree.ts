import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { decodeTree, encodeTree, type TreeEntry } from '../../../src/chunk/tree.js';
import { counting } from '../../chunk/expect.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

const base = { mode: 0o644, mtimeMs: 1_790_000_000_123 };
const file = { ...base, kind: 'file', size: 5, sha256: counting(32) } as const;

export const tree: FuzzTarget = {
  name: 'tree',
  maxBytes: 32 * 1024,
  seeds: () => [
    encodeTree({ git: null, entries: [{ ...file, path: 'a b.txt' }] }),
    encodeTree({
      git: { commit: 'a'.repeat(40), branch: 'main', dirty: true, folder: null },
      entries: [
        { ...base, kind: 'dir', path: 'src' },
        { ...file, path: 'src/子/b.ts' },
        { ...base, kind: 'symlink', path: 'src/l', target: '../x/./y' },
        { ...file, path: `${'d/'.repeat(200)}z` },
      ],
    }),
    encodeTree({
      git: { commit: 'b'.repeat(64), branch: null, dirty: false, folder: 'src/子' },
      entries: [{ ...file, path: 'x' }],
    }),
    encodeTree({
      git: null,
      entries: [
        { ...file, path: 'A/B/x' },
        { ...base, kind: 'dir', path: 'A' },
        { ...file, path: 'A/c' },
        { ...base, kind: 'dir', path: 'd' },
        { ...file, path: 'd/e' },
      ],
    }),
  ],
  run: (input) => {
    const read = unlessRefused(['protocol', 'limit'], () => decodeTree(input));
    if (read === undefined) return;
    assert.deepEqual(Buffer.from(encodeTree(read)), Buffer.from(input));
    const paths = read.entries.map(checked);
    assert.equal(new Set(paths).size, paths.length);
  },
};

/** By other means than the check under test: nothing leads out of the folder it is written into. */
function checked(entry: TreeEntry): string {
  const at = posix.resolve('/folder', entry.path);
  assert.ok(at.startsWith('/folder/') && at === `/folder/${entry.path}`);
  if (entry.kind === 'symlink') {
    const target = posix.resolve(posix.dirname(at), entry.target);
    assert.ok(target === '/folder' || target.startsWith('/folder/'), target);
  }
  return entry.path.normalize('NFC').toLowerCase();
}
