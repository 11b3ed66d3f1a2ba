import assert from 'node:assert/strict';
import { encodeCbor } from '../../../src/chunk/cbor.js';
import { entryNameProblem } from '../../../src/chunk/entryName.js';
import { linkTargetProblem } from '../../../src/chunk/pathCheck.js';
import { decodeTree, encodeTree } from '../../../src/chunk/tree.js';
import { visible } from '../../../src/common/visible.js';
import { parseShardFileName } from '../../../src/store/layout.js';
import { decodeLoosely } from '../decodeLoosely.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

/** A tree is written and read for each: of many, what is left over would count as the memory that one takes. */
const mostNames = 64;

/** CBOR `[name, …]`. */
export const entryNames: FuzzTarget = {
  name: 'entry-names',
  maxBytes: 16 * 1024,
  seeds: () => [
    encodeCbor(['a', 'Makefile', '..a', 'com10', '報告書 最終版.pdf', 'ünï']),
    encodeCbor(['../x/./y', 'a/../b', `${'0'.repeat(32)}.7.shard`]),
  ],
  run: (input) => {
    const list = decodeLoosely(input);
    const names = Array.isArray(list) ? list.filter((name) => typeof name === 'string') : [];
    for (const name of names.slice(0, mostNames)) check(name);
  },
};

function check(name: string): void {
  if (entryNameProblem(name) === null) {
    assert.doesNotMatch(name, /[/\\:\0-\x1f]/);
    assert.ok(name !== '.' && name !== '..' && Buffer.byteLength(name) <= 255);
    const entry = { kind: 'dir', path: name, mode: 0, mtimeMs: 0 } as const;
    const bytes = unlessRefused(['usage'], () => encodeTree({ git: null, entries: [entry] }));
    if (bytes !== undefined) assert.deepEqual(decodeTree(bytes).entries, [entry]);
  }
  for (const depth of [0, 3]) {
    if (linkTargetProblem(depth, name) !== null) continue;
    const ups = name.split('/').filter((part) => part === '..').length;
    assert.ok(ups <= depth && !name.startsWith('/'));
  }
  assert.doesNotMatch(visible(name), /[\p{Cc}\p{Cf}\p{Cs}]/u);
  const shard = parseShardFileName(name);
  if (shard !== null) assert.equal(`${shard.shareId}.${shard.shard}.shard`, name);
}
