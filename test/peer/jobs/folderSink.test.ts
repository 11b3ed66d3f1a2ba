import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encode } from 'cborg';
import { describe, it } from 'mocha';
import { geometryWith, segmentStart } from '../../../src/chunk/geometry.js';
import { FolderSink } from '../../../src/peer/jobs/folderSink.js';
import type { GetJobInput } from '../../../src/peer/jobs/messages.js';
import type { Written } from '../../../src/peer/jobs/targetSink.js';
import { noise, throwsCode } from '../../chunk/expect.js';

interface Item {
  readonly t: 'file' | 'dir' | 'symlink';
  readonly path: string;
  readonly mode?: number;
  readonly mtime?: number;
  readonly content?: Uint8Array;
  readonly target?: string;
}

const file = (
  name: string,
  content: string | Uint8Array = name,
  more: Partial<Item> = {},
): Item => ({
  t: 'file',
  path: name,
  content: typeof content === 'string' ? Buffer.from(content) : content,
  ...more,
});
const dir = (name: string, more: Partial<Item> = {}): Item => ({ t: 'dir', path: name, ...more });
const link = (name: string, target: string): Item => ({ t: 'symlink', path: name, target });

const digestOf = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest());

describe('FolderSink', () => {
  let folder: string;
  let target: string;
  let sink: FolderSink | undefined;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'folder-sink-'));
    target = path.join(folder, 'target');
    writeFileSync(path.join(folder, 'outside'), 'untouched');
  });
  afterEach(() => {
    sink?.close(false);
    sink = undefined;
    assert.equal(readFileSync(path.join(folder, 'outside'), 'utf8'), 'untouched');
    rmSync(folder, { recursive: true, force: true });
  });

  /** As a hostile author would make it: nothing is checked. */
  function streamOf(items: readonly Item[]): { files: Uint8Array; tree: Uint8Array } {
    const files = Buffer.concat(items.map(({ content }) => content ?? new Uint8Array(0)));
    const tree = items.map(({ t, path, mode = 0o755, mtime = 0, content, target }) =>
      encode({
        t,
        path,
        mode,
        mtime,
        ...(content && { size: content.byteLength, sha: digestOf(content) }),
        ...(target !== undefined && { target }),
      }),
    );
    const header = encode({ v: 1, entries: items.length, git: null });
    return { files, tree: new Uint8Array(Buffer.concat([header, ...tree])) };
  }

  function write(
    items: readonly Item[],
    wanted: readonly string[] | null = null,
    change: Partial<GetJobInput> = {},
  ): Written {
    const { files, tree } = streamOf(items);
    const stream = Buffer.concat([files, tree]);
    const geometry = geometryWith(stream.byteLength, 2, 1, 2);
    // The segment in which the tree starts, as Reader.tail gives it.
    const capacity = segmentStart(geometry, Math.min(1, geometry.segments - 1));
    const first = geometry.segments === 1 ? 0 : Math.floor(files.byteLength / capacity);
    const tailStart = segmentStart(geometry, first);
    const made = (sink = new FolderSink(
      {
        kind: 'get',
        shareId: new Uint8Array(16),
        geometry,
        contentKey: new Uint8Array(32),
        temporaryPath: path.join(folder, '.target.part'),
        ...{ journal: null, resume: false, acceptSame: false },
        path: target,
        overwrite: false,
        treeOffset: files.byteLength,
        treeLength: tree.byteLength,
        treeDigest: digestOf(tree),
        folder: null,
        ...change,
      },
      { tail: new Uint8Array(stream.subarray(tailStart)), tailStart, wanted },
    ));
    for (const [from, to] of made.runs) {
      for (let segment = from; segment < to; segment++) {
        const start = segmentStart(geometry, segment);
        made.inOrder(start, stream.subarray(start, start + capacity), false);
      }
    }
    const written = made.finish();
    made.close(false);
    return written;
  }

  it('writes files of all sizes, folders, links, permissions and times', () => {
    const items = [
      dir('d', { mode: 0o700, mtime: 1_000_000_000_000 }),
      file('d/empty', ''),
      file('d/exec', noise(5000), { mode: 0o4755, mtime: 1_234_567_890_000 }),
      file('d/read', noise(2000), { mode: 0o404 }),
      dir('e', { mode: 0o500 }),
      file('e/x/y', noise(100), { mode: 0 }),
      link('l', 'd/exec'),
      link('e/up', '../d'),
    ];
    const written = write(items);
    assert.deepEqual([written.bytes, written.entries, written.leftOut], [7100, 8, []]);
    for (const { path: name, content } of items) {
      if (content !== undefined)
        assert.deepEqual(readFileSync(`${target}/${name}`), Buffer.from(content));
    }
    const mode = (name: string): number => statSync(`${target}/${name}`).mode & 0o7777;
    const umask = 0o777 & ~(statSync(`${target}/e/x`).mode & 0o777);
    assert.deepEqual(
      [mode('d'), mode('d/exec'), mode('d/read'), mode('e'), mode('e/x/y')],
      [0o700, 0o755, 0o404, 0o700, 0o400].map((bits) => bits & ~umask),
    );
    assert.equal(statSync(`${target}/d`).mtimeMs, 1_000_000_000_000);
    assert.equal(statSync(`${target}/d/exec`).mtimeMs, 1_234_567_890_000);
    assert.equal(readlinkSync(`${target}/e/up`), '../d');
    assert.deepEqual(readdirSync(folder).sort(), ['outside', 'target']);
  });

  const hostile: Record<string, readonly Item[]> = {
    'a path that leads out': [file('../outside')],
    'a path deeper that leads out': [file('a/../../outside')],
    'an absolute path': [file('/tmp/outside')],
    'a drive': [file('C:\\outside')],
    'a backslash': [file('..\\outside')],
    'a device name': [file('CON')],
    'a device name with an ending': [dir('d'), file('d/nul.txt')],
    'an alternate stream': [file('x:y')],
    'names that differ in case': [file('a/x'), file('A/y')],
    'names that differ in Unicode form': [file('caf\u00e9'), file('cafe\u0301')],
    'the same file twice': [file('x'), file('x')],
    'a file below a link': [link('d', '..'), file('d/outside')],
    'a file below a link to a folder of the share': [dir('e'), link('d', 'e'), file('d/x')],
    'a file below a link in other case': [link('d', 'e'), file('D/x')],
    'a file below a file': [file('x'), file('x/y')],
    'a link that leads out': [link('l', '../outside')],
    'an absolute link': [link('l', '/etc')],
    'a link out through a link': [dir('d'), link('d/up', '..'), link('l', 'd/up/../outside')],
    'a huge time': [file('x', 'x', { mtime: 2 ** 60 })],
  };
  for (const [what, items] of Object.entries(hostile)) {
    it(`writes nothing for a tree with ${what}`, () => {
      throwsCode(() => write([file('first'), ...items]), 'protocol');
      assert.deepEqual(readdirSync(folder), ['outside']);
    });
  }

  it('takes any time, and files that the tree does not put into folders of their own', () => {
    write([file('a/b/c', 'x', { mtime: Number.MAX_SAFE_INTEGER }), file('x', 'x', { mtime: -1 })]);
    assert.deepEqual(readdirSync(target), ['a', 'x']);
  });

  it('refuses another tree than the signed one, and sizes that do not add up', () => {
    throwsCode(() => write([file('x')], null, { treeDigest: new Uint8Array(32) }), 'integrity');
    const lie = { treeOffset: 0, treeLength: 0 };
    throwsCode(() => write([file('x')], null, lie), 'integrity');
    assert.deepEqual(readdirSync(folder), ['outside']);
  });

  it('publishes nothing when one file is not the one of the tree', () => {
    const items = [file('a', noise(3000)), file('b', noise(3000))];
    const { tree } = streamOf(items);
    const forged = [file('a', noise(3000)), file('b', new Uint8Array(3000))];
    const made = streamOf(forged);
    const geometry = geometryWith(6000 + tree.byteLength, 2, 1, 255);
    const job = (sink = new FolderSink(
      {
        kind: 'get',
        shareId: new Uint8Array(16),
        geometry,
        contentKey: new Uint8Array(32),
        temporaryPath: path.join(folder, '.target.part'),
        ...{ journal: null, resume: false, acceptSame: false },
        path: target,
        overwrite: false,
        treeOffset: 6000,
        treeLength: tree.byteLength,
        treeDigest: digestOf(tree),
        folder: null,
      },
      { tail: new Uint8Array(Buffer.concat([made.files, tree])), tailStart: 0, wanted: null },
    ));
    throwsCode(() => job.finish(), 'integrity');
    job.close(false);
    assert.deepEqual(readdirSync(folder), ['outside']);
  });

  it('gives one entry by itself, several with their paths, and nothing else', () => {
    const items = [
      dir('a'),
      file('a/1', noise(3000)),
      dir('a/b'),
      file('a/b/2', noise(3000)),
      link('a/b/out', '../1'),
      link('a/b/in', '2'),
      file('c', noise(3000)),
      file('d', noise(3000)),
    ];
    assert.equal(write(items, ['a/1']).bytes, 3000);
    assert.deepEqual(readFileSync(target), Buffer.from(items[1]?.content ?? ''));
    rmSync(target);
    const below = write(items, ['a/b']);
    assert.deepEqual(below.leftOut, ['a/b/out']);
    assert.deepEqual(readdirSync(target).sort(), ['2', 'in']);
    rmSync(target, { recursive: true });
    assert.equal(write(items, ['a/b', 'd']).bytes, 6000);
    assert.deepEqual(readdirSync(target), ['a', 'd']);
    assert.deepEqual(readdirSync(`${target}/a`), ['b']);
    assert.equal(readlinkSync(`${target}/a/b/out`), '../1');
    throwsCode(() => write(items, ['a/b', 'none']), 'not-found');
    throwsCode(() => write(items, ['a/b/in']), 'not-a-file');
  });

  it('goes on with what an earlier run has written, whatever it is like by now', () => {
    const items = [
      dir('d'),
      file('d/small', noise(10)),
      file('large', noise(9000)),
      file('read-only', noise(3000), { mode: 0o400 }),
      file('z/last', noise(2500)),
      link('l', 'large'),
    ];
    const { files, tree } = streamOf(items);
    const stream = Buffer.concat([files, tree]);
    const geometry = geometryWith(stream.byteLength, 2, 1, 2);
    const capacity = segmentStart(geometry, 1);
    const tailStart = segmentStart(geometry, Math.floor(files.byteLength / capacity));
    const part = path.join(folder, '.target.part');
    const open = (resume: boolean): FolderSink =>
      (sink = new FolderSink(
        {
          kind: 'get',
          ...{ shareId: new Uint8Array(16), geometry, contentKey: new Uint8Array(32) },
          ...{ temporaryPath: part, journal: null, resume, path: target },
          ...{ overwrite: false, acceptSame: false },
          ...{ treeOffset: files.byteLength, treeLength: tree.byteLength },
          ...{ treeDigest: digestOf(tree), folder: null },
        },
        { tail: new Uint8Array(stream.subarray(tailStart)), tailStart, wanted: null },
      ));
    const plain = (segment: number): Buffer =>
      stream.subarray(segmentStart(geometry, segment), segmentStart(geometry, segment) + capacity);
    const end = open(false).runs[0]?.[1] ?? 0;
    sink?.close(false);
    assert.ok(end > 6);
    for (let stop = 0; stop <= end; stop++) {
      const first = open(false);
      for (let at = 0; at < stop; at++) first.inOrder(segmentStart(geometry, at), plain(at), false);
      first.close(true);
      if (stop === 3) rmSync(`${part}/large`);
      if (stop === 4) writeFileSync(`${part}/large`, 'other');
      const second = open(true);
      let kept = 0;
      for (let at = 0; at < end; at++) {
        const position = segmentStart(geometry, at);
        const again = new Uint8Array(capacity);
        const isKept = second.reread(position, again) && plain(at).equals(again);
        if (isKept) kept += 1;
        second.inOrder(position, plain(at), isKept);
      }
      if (stop !== 3 && stop !== 4) assert.equal(kept, stop);
      assert.equal(second.finish().bytes, files.byteLength);
      for (const { path: name, content } of items) {
        if (content !== undefined)
          assert.deepEqual(readFileSync(`${target}/${name}`), Buffer.from(content));
      }
      assert.equal(readlinkSync(`${target}/l`), 'large');
      second.close(false);
      assert.deepEqual(readdirSync(folder).sort(), ['outside', 'target']);
      rmSync(target, { recursive: true });
    }
  });

  it('takes the place of an empty folder, and of nothing else', () => {
    mkdirSync(target);
    write([file('x')]);
    assert.deepEqual(readdirSync(target), ['x']);
    for (const overwrite of [false, true]) {
      throwsCode(() => write([file('y')], null, { overwrite }), 'exists');
      throwsCode(() => write([file('y')], ['y'], { overwrite }), 'not-a-file');
    }
    assert.deepEqual(readdirSync(target), ['x']);
    rmSync(target, { recursive: true });
    symlinkSync(folder, target);
    throwsCode(() => write([file('y')], null, { overwrite: true }), 'exists');
    rmSync(target);
    writeFileSync(target, 'mine');
    throwsCode(() => write([file('y')], null, { overwrite: true }), 'exists');
    throwsCode(() => write([file('y')], ['y']), 'exists');
    write([file('y')], ['y'], { overwrite: true });
    assert.equal(readFileSync(target, 'utf8'), 'y');
  });

  it('takes what lies there for the result where it is all that is wanted, and nothing else', () => {
    const items = [
      dir('a'),
      file('a/1', noise(3000)),
      dir('a/b'),
      file('a/b/2', noise(3000)),
      link('a/b/in', '2'),
      link('a/b/out', '../1'),
      dir('empty'),
      file('z', new Uint8Array()),
    ];
    const parts = [null, ['a/1'], ['a/b'], ['a/b', 'z']];
    const again = { acceptSame: true };
    for (const wanted of parts) {
      const first = write(items, wanted);
      assert.deepEqual(write(items, wanted, again), first);
      assert.deepEqual(readdirSync(folder).sort(), ['outside', 'target'], 'and no part');
      throwsCode(() => write(items, wanted), 'exists');
      rmSync(target, { recursive: true });
    }
    const changes: ((at: string) => void)[] = [
      (at) => {
        writeFileSync(`${at}/a/1`, noise(3000, 9));
      },
      (at) => {
        rmSync(`${at}/empty`, { recursive: true });
      },
      (at) => {
        writeFileSync(`${at}/empty/more`, '');
      },
      (at) => {
        rmSync(`${at}/a/b/in`);
        symlinkSync('/etc/passwd', `${at}/a/b/in`);
      },
      (at) => {
        rmSync(path.join(folder, 'elsewhere'), { recursive: true, force: true });
        renameSync(`${at}/a`, path.join(folder, 'elsewhere'));
        symlinkSync('../elsewhere', `${at}/a`);
      },
    ];
    for (const change of changes) {
      write(items);
      change(target);
      throwsCode(() => write(items, null, again), 'exists');
      rmSync(target, { recursive: true });
    }
  });

  it('takes no name that somebody else took meanwhile', () => {
    const items = [file('x', noise(10))];
    const { files, tree } = streamOf(items);
    const job = (sink = new FolderSink(
      {
        kind: 'get',
        shareId: new Uint8Array(16),
        geometry: geometryWith(files.byteLength + tree.byteLength, 2, 1, 2),
        contentKey: new Uint8Array(32),
        temporaryPath: path.join(folder, '.target.part'),
        ...{ journal: null, resume: false, acceptSame: false },
        path: target,
        overwrite: true,
        treeOffset: files.byteLength,
        treeLength: tree.byteLength,
        treeDigest: digestOf(tree),
        folder: null,
      },
      { tail: new Uint8Array(Buffer.concat([files, tree])), tailStart: 0, wanted: null },
    ));
    mkdirSync(target);
    writeFileSync(`${target}/theirs`, 'theirs');
    throwsCode(() => job.finish(), 'exists');
    job.close(false);
    assert.deepEqual(readdirSync(target), ['theirs']);
    assert.ok(!existsSync(path.join(folder, '.target.part')));
  });
});
