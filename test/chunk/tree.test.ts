import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { encode } from 'cborg';
import fc from 'fast-check';
import { PeerError } from '../../src/common/errors.js';
import { validateEntryName } from '../../src/chunk/entryName.js';
import {
  decodeTree,
  encodeTree,
  encodeTreeItems,
  TreeDraft,
  type TreeEntry,
} from '../../src/chunk/tree.js';
import { bundle } from '../support/bundle.js';
import { counting, forEachFlip, throwsCode } from './expect.js';

function file(path: string, size = 1): TreeEntry {
  return {
    kind: 'file',
    path,
    size,
    mode: 0o644,
    mtimeMs: 1_790_000_000_123,
    sha256: counting(32),
  };
}
function dir(path: string): TreeEntry {
  return { kind: 'dir', path, mode: 0o755, mtimeMs: -1 };
}
function link(path: string, target: string): TreeEntry {
  return { kind: 'symlink', path, target, mode: 0o777, mtimeMs: 0 };
}
function tree(...entries: TreeEntry[]): Uint8Array {
  return encodeTree({ git: null, entries });
}

describe('names of entries', () => {
  it('may be of any script, with spaces', () => {
    const fine = [
      'a',
      'Makefile',
      '.gitignore',
      '..a',
      'a b',
      ' lead',
      '報告書 最終版.pdf',
      'ünï',
      'emoji 🎉.txt',
    ];
    for (const name of [
      ...fine,
      'console.txt',
      'com.txt',
      'com10',
      'x'.repeat(255),
      'עברית',
      'a%2e',
    ]) {
      assert.doesNotThrow(() => validateEntryName(name), name);
    }
  });

  it('are refused where no peer could write them safely', () => {
    const bad = [
      '',
      '.',
      '..',
      'a/b',
      '/etc',
      'a\\b',
      '\\\\host',
      'C:',
      'C:x',
      'file:stream',
      'a.',
      'a ',
      '...',
    ];
    const reserved = [
      'con',
      'NUL',
      'aux.c',
      'Com1',
      'lpt9.txt',
      'COM¹',
      'conin$',
      'nul .txt',
      'prn.tar.gz',
    ];
    const hidden = [
      'a\0b',
      'a\nb',
      'a\x7f',
      'a\x85',
      '\u202egpj.exe',
      'a\u2066',
      'a\u200f',
      'a\u2028',
      '\ud800',
      'a\udc00b',
    ];
    for (const name of [...bad, ...reserved, ...hidden, 'x'.repeat(256), '語'.repeat(86)]) {
      throwsCode(() => validateEntryName(name), 'usage');
      if (name !== 'a/b') throwsCode(() => tree(file(name)), 'usage', 'limit');
    }
  });
});

describe('tree', () => {
  it('keeps the bytes of format version 1', () => {
    assert.equal(
      Buffer.from(tree(file('a b.txt', 5_000_000))).toString('hex'),
      [
        'a361760163676974f667656e747269657301a661746466696c656373686158200001020304050607',
        '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f646d6f64651901a46470617468676120',
        '622e7478746473697a651a004c4b40656d74696d651b000001a0c4506c7b',
      ].join(''),
    );
  });

  it('keeps the bytes of format version 2, which says in which folder of a repository it lay', () => {
    const git = { commit: 'ab'.repeat(20), branch: 'main', dirty: false, folder: 'src/cli' };
    const bytes = Buffer.from(encodeTree({ git, entries: [dir('d')] }));
    assert.equal(
      bytes.toString('hex'),
      [
        'a361760263676974a4656469727479f4666272616e6368646d61696e66636f6d6d69747828616261',
        '6261626162616261626162616261626162616261626162616261626162616261626162616266666f',
        '6c646572677372632f636c6967656e747269657301a4617463646972646d6f64651901ed64706174',
        '686164656d74696d6520',
      ].join(''),
    );
    assert.deepEqual(decodeTree(bytes).git, git);
  });

  it('says no folder in version 1, nor of what version 1 takes', () => {
    const git = { commit: 'ab'.repeat(20), branch: null, dirty: true };
    const item = encode({ t: 'dir', path: 'd', mode: 0o755, mtime: 0 });
    const first = (header: object): Uint8Array => Buffer.concat([encode(header), item]);
    const known = decodeTree(first({ v: 1, entries: 1, git }));
    assert.deepEqual(known.git, { ...git, folder: null });
    assert.deepEqual(Buffer.from(encodeTree(known)), first({ v: 1, entries: 1, git }));
    for (const header of [
      { v: 1, entries: 1, git: { ...git, folder: 'x' } },
      { v: 2, entries: 1, git },
      { v: 2, entries: 1, git: null },
      { v: 2, entries: 1, git: { ...git, folder: null } },
      { v: 2, entries: 1, git: { ...git, folder: 'x'.repeat(4097) } },
      { v: 3, entries: 1, git: { ...git, folder: 'x' } },
    ]) {
      throwsCode(() => decodeTree(first(header)), 'protocol');
    }
  });

  it('round-trips files, folders, links and the state of git', () => {
    const whole = {
      git: { commit: 'a'.repeat(40), branch: null, dirty: true, folder: 'a/語' },
      entries: [
        dir('src'),
        file('src/a.ts', 0),
        file('src/子/b.ts', 2 ** 50),
        link('src/l', '../x/./y'),
      ],
    };
    const bytes = encodeTree(whole);
    assert.deepEqual(decodeTree(bytes), whole);
    assert.deepEqual(Buffer.concat([...encodeTreeItems(whole)]), Buffer.from(bytes));
    assert.deepEqual(decodeTree(encodeTree({ ...whole, git: null })).git, null);
  });

  it('takes digests that become known later, without growing', () => {
    const entries = [dir('d'), file('d/a', 2 ** 40), link('d/l', 'a'), file('x'), file('ü')];
    const unknown = entries.map((entry) =>
      entry.kind === 'file' ? { ...entry, sha256: new Uint8Array(32) } : entry,
    );
    const draft = new TreeDraft({ git: null, entries: unknown });
    assert.deepEqual(draft.bytes, encodeTree({ git: null, entries: unknown }));
    for (const at of [4, 1, 3]) draft.setDigest(at, counting(32));
    assert.deepEqual(draft.bytes, encodeTree({ git: null, entries }));
    for (const at of [0, 2, 5]) {
      throwsCode(() => {
        draft.setDigest(at, counting(32));
      }, 'internal');
    }
  });

  it('round-trips any names', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => {
      try {
        validateEntryName(text);
        return true;
      } catch {
        return false;
      }
    });
    const fields = fc.record({ name, size: fc.maxSafeNat(), mtimeMs: fc.maxSafeInteger() });
    fc.assert(
      fc.property(fc.array(fields, { minLength: 1, maxLength: 20 }), (items) => {
        const entries = items.map((item, index) => ({
          ...file(`d${index}/${item.name}`, item.size),
          mtimeMs: item.mtimeMs,
        }));
        assert.deepEqual(decodeTree(encodeTree({ git: null, entries })).entries, entries);
      }),
    );
  });

  it('keeps a mark of byte order at the start of a name', () => {
    const entries = [file('\ufeffa.txt'), file('\ufeff'), link('l', '\ufeffa.txt')];
    const git = {
      commit: '0'.repeat(40),
      branch: '\ufeffb\ufffd',
      dirty: false,
      folder: '\ufeffc',
    };
    assert.deepEqual(decodeTree(encodeTree({ git, entries })), { git, entries });
  });

  it('refuses entries that cannot lie side by side', () => {
    const pairs: [TreeEntry, TreeEntry][] = [
      [file('a'), file('a')],
      [file('Readme'), file('README')],
      [file('caf\u00e9'), file('cafe\u0301')],
      [file('a/x'), file('A/y')],
      [file('a'), file('a/x')],
      [file('a/x'), file('a')],
      [link('a', 'b'), file('a/x')],
      [dir('a'), dir('a')],
      [file('straße'), file('STRASSE')],
    ];
    for (const [one, two] of pairs) throwsCode(() => tree(one, two), 'usage');
    assert.doesNotThrow(() => tree(file('a/x'), dir('a'), file('a/y'), file('ax')));
    throwsCode(() => tree(file('a/b/x'), file('a/b/y'), file('a/B/z')), 'usage');
    throwsCode(() => tree(file('a/b/x'), file('a/b')), 'usage');
    throwsCode(() => tree(file('a/b/x'), file('a/b/con')), 'usage');
  });

  it('takes little memory for folders that have no entries of their own', async () => {
    const way = Array.from({ length: 254 }, () => 'd'.repeat(14)).join('/');
    const bytes = tree(...Array.from({ length: 200 }, (_, top) => file(`${String(top)}/${way}/f`)));
    const code = `const { parentPort, workerData } = require('node:worker_threads');
      const { decodeTree } = require(${JSON.stringify(bundle('src/chunk/tree.ts'))});
      parentPort.postMessage(decodeTree(workerData).entries.length);`;
    const worker = new Worker(code, {
      eval: true,
      workerData: bytes,
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    assert.deepEqual(await once(worker, 'message'), [200]);
  });

  it('refuses links and paths that lead out', () => {
    for (const target of ['/etc/passwd', '..', '../x', 'a/../../x', '', 'a//b', 'C:\\x', 'x:y']) {
      throwsCode(() => tree(link('l', target)), 'usage');
    }
    // Where `a` is a link itself, what is above it is not known.
    throwsCode(() => tree(link('d/l', 'a/../b')), 'usage');
    throwsCode(() => tree(link('d/l', '../a/../b')), 'usage');
    throwsCode(() => tree(link('d/l', '../../b')), 'usage');
    assert.doesNotThrow(() => tree(link('d/e/l', '.././../b/./c')));
    for (const path of ['', '/a', 'a/', 'a//b', 'a/../b', './a', 'a/./b', 'a\\..\\b']) {
      throwsCode(() => tree(file(path)), 'usage');
    }
    throwsCode(() => tree(file(Array.from({ length: 300 }, () => 'd').join('/'))), 'usage');
    throwsCode(
      () => tree(file(Array.from({ length: 30 }, () => 'd'.repeat(200)).join('/'))),
      'limit',
    );
  });

  it('refuses a repository of git, however it is spelled: git would run what it says', () => {
    for (const path of ['.git/config', 'a/.GIT/hooks/x', 'git~1/config', '.g\u200cit/config']) {
      throwsCode(() => tree(file(path)), 'usage');
    }
    assert.doesNotThrow(() => tree(file('.gitignore'), file('.github/x'), file('git/config')));
  });

  it('refuses a folder that is a bare repository, or becomes one by another', () => {
    const bare = ['HEAD', 'objects/pack', 'refs/heads/main', 'config'].map((path) => file(path));
    const deep = ['a/b/refs', 'a/b/head', 'a/b/OBJECTS/x'].map((path) => file(path));
    const spelled = [link('H\u200cEAD', 'x'), file('ob\ufeffjects'), file('ref\u017f')];
    const linked = [file('a/HEAD'), file('a/commondir'), file('b/objects/x'), file('b/refs/x')];
    for (const entries of [bare, deep, spelled, linked, [...bare].reverse()]) {
      assert.throws(
        () => tree(...entries),
        (error) => PeerError.is(error, 'usage') && error.message.includes('bare repository of git'),
      );
    }
    assert.doesNotThrow(() => tree(file('HEAD'), file('a/objects/refs'), file('refs')));
  });

  it('refuses the same from a stranger, as malformed', () => {
    const header = encode({ v: 1, entries: 1, git: null });
    const item = { t: 'file', path: '../x', mode: 0o644, mtime: 0, size: 1, sha: counting(32) };
    const read = (changes: object): unknown =>
      decodeTree(Buffer.concat([header, encode({ ...item, path: 'x', ...changes })]));
    assert.doesNotThrow(() => read({}));
    for (const changes of [
      { path: '../x' },
      { mode: 0o10000 },
      { size: -1 },
      { extra: 1 },
      { t: 'dir' },
    ]) {
      throwsCode(() => read(changes), 'protocol');
    }
  });

  it('refuses cuts, additions, wrong counts and garbage', () => {
    const bytes = tree(file('a'), file('b'));
    for (let end = 0; end < bytes.byteLength; end++) {
      throwsCode(() => decodeTree(bytes.subarray(0, end)), 'protocol');
    }
    throwsCode(() => decodeTree(Buffer.concat([bytes, Buffer.of(0)])), 'protocol');
    throwsCode(() => decodeTree(new Uint8Array(100_000).fill(0x81)), 'protocol');
    throwsCode(() => decodeTree(encode({ v: 1, entries: 2 ** 32, git: null })), 'protocol');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        throwsCode(() => decodeTree(garbage), 'protocol');
      }),
    );
    const original = decodeTree(bytes);
    forEachFlip(bytes, () => {
      try {
        assert.notDeepEqual(decodeTree(bytes), original);
      } catch (error) {
        throwsCode(() => {
          throw error;
        }, 'protocol');
      }
    });
    throwsCode(() => encodeTree({ git: null, entries: [] }), 'limit');
  });
});
