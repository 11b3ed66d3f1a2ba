import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { decodeTree } from '../../../src/chunk/tree.js';
import { SourceReader } from '../../../src/peer/jobs/sourceReader.js';
import { readSourceTree } from '../../../src/peer/jobs/sourceTree.js';
import { noise, throwsCode } from '../../chunk/expect.js';
import { writeTree } from '../../support/trees.js';

describe('SourceReader', () => {
  let root: string;
  let reader: SourceReader | undefined;
  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'source-reader-'));
  });
  afterEach(() => {
    reader?.close();
    reader = undefined;
    rmSync(root, { recursive: true, force: true });
  });

  function open(): SourceReader {
    reader?.close();
    return (reader = new SourceReader(
      readSourceTree({ path: root, name: 'shared', ignore: true }),
    ));
  }

  function readAll(source: SourceReader, step: number): Buffer {
    const stream = Buffer.alloc(source.size + source.treeLength);
    for (let at = 0; at < stream.byteLength; at += step) {
      source.read(stream.subarray(at, Math.min(at + step, stream.byteLength)), at);
    }
    return stream;
  }

  it('gives one stream whatever the step: the files, then the tree with their digests', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 1000 }), (lengths, step) => {
        rmSync(root, { recursive: true });
        const contents = lengths.map((length) => Buffer.from(noise(length)));
        writeTree(
          root,
          Object.fromEntries(contents.map((content, at) => [`d/${String(at + 100)}`, content])),
        );
        const source = open();
        const stream = readAll(source, step);
        assert.deepEqual(stream.subarray(0, source.size), Buffer.concat(contents));
        const bytes = new Uint8Array(stream.subarray(source.size));
        const digest = createHash('sha256').update(bytes).digest();
        assert.deepEqual(Buffer.from(source.finish().treeDigest), digest);
        const digests = decodeTree(bytes).entries.flatMap((entry) =>
          entry.kind === 'file' ? Buffer.from(entry.sha256).toString('hex') : [],
        );
        assert.deepEqual(
          digests,
          contents.map((content) => createHash('sha256').update(content).digest('hex')),
        );
      }),
      { numRuns: 30 },
    );
  });

  const changes: [string, (file: string) => void][] = [
    [
      'grows',
      (file) => {
        appendFileSync(file, 'x');
      },
    ],
    [
      'is replaced',
      (file) => {
        writeFileSync(`${file}.new`, noise(200));
        renameSync(`${file}.new`, file);
      },
    ],
    [
      'goes away',
      (file) => {
        rmSync(file);
      },
    ],
    [
      'becomes a link',
      (file) => {
        renameSync(file, `${file}.moved`);
        symlinkSync(`${file}.moved`, file);
      },
    ],
  ];
  for (const [what, change] of changes) {
    for (const when of ['before it is read', 'after it was read'] as const) {
      it(`notices that a file ${what} ${when}`, () => {
        writeTree(root, { a: noise(200), b: noise(200), c: noise(200) });
        const source = open();
        const stream = new Uint8Array(source.size + source.treeLength);
        source.read(stream.subarray(0, 150), 0);
        change(path.join(root, when === 'before it is read' ? 'b' : 'a'));
        throwsCode(() => {
          source.read(stream.subarray(150), 150);
          source.finish();
        }, 'source-changed');
      });
    }
  }

  // Nothing is out of the reach of root.
  if (process.getuid?.() !== 0) {
    it('names a file that may not be read', () => {
      writeTree(root, { 'd/secret': 'x' });
      chmodSync(path.join(root, 'd/secret'), 0);
      assert.throws(() => readAll(open(), 100), /secret/);
    });
  }
});
