import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { geometryFor, PAYLOAD_SIZE, segmentCapacity } from '../../src/chunk/geometry.js';
import type { GetResult } from '../../src/control/contract.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup } from '../support/peers.js';
import { treeOf, writeTree } from '../support/trees.js';

const [k, m] = [2, 1];
const { q } = geometryFor(1 << 30, k, m);
const segment = segmentCapacity(geometryFor(1 << 30, k, m), 0);
const piece = q * PAYLOAD_SIZE;

const sizes = [
  ...[0, 1, 495, 496, 497, 511, 512, 513],
  ...[piece, segment, 3 * segment].flatMap((size) => [size - 1, size, size + 1]),
];

const names = [
  'Makefile',
  'звіт про роботу.txt',
  '四半期 報告書 最終版.pdf',
  'தமிழ் கோப்பு',
  'ملف عربي.docx',
  'קובץ בעברית',
  'ไฟล์ภาษาไทย',
  '한국어 파일',
  'Ελληνικό αρχείο',
  'naïve café – “quoted” – 100%',
  '🗂️ 👩🏽‍💻 emoji',
  'a'.repeat(255),
  '.hidden',
  "$(touch pwned);`x`;'&|",
];

// More than 4 GiB takes longer than a test may: the bench reads parts of such a share, latency/peek.
describe('fault 36: files of any size and name are the same byte for byte', function () {
  this.timeout(120_000);
  let group: TestGroup;

  before(async () => {
    group = await TestGroup.start(4);
  });

  after(() => group.dispose());

  /** Shares a file or folder from one peer, and gets it on another. */
  const bring = async (path: string, target: string): Promise<GetResult> => {
    const [author, getter] = [await group.get(0).client(), await group.get(1).client()];
    const { share } = await author.request('share', {
      ...{ transferId: randomUUID(), path, redundancy: `${k}+${m}`, ignore: false },
    });
    await group.get(1).lists(share.shareId);
    return await getter.request('get', {
      ...{ transferId: randomUUID(), share: share.shareId, path: target },
    });
  };

  for (const size of sizes) {
    it(`${size} bytes`, async () => {
      const path = join(group.filesDir, `${size}.bin`);
      await writeRandomFile(path, size);
      const target = join(group.root, `${size}.bin`);
      const { bytes, sha256 } = await bring(path, target);
      assert.equal(bytes, size);
      assert.equal(sha256, await sha256File(path));
      assert.equal(await sha256File(target), sha256);
    });
  }

  it('a file with holes', async () => {
    const path = join(group.filesDir, 'sparse.bin');
    const file = openSync(path, 'w');
    ftruncateSync(file, 24 << 20);
    writeSync(file, randomBytes(100), 0, 100, 9 << 20);
    writeSync(file, randomBytes(100), 0, 100, (24 << 20) - 100);
    closeSync(file);
    assert.ok(statSync(path).blocks * 512 < 1 << 20);
    const target = join(group.root, 'sparse.bin');
    await bring(path, target);
    assert.equal(await sha256File(target), await sha256File(path));
  });

  it('names of many scripts', async () => {
    const folder = join(group.filesDir, 'імена');
    writeTree(folder, Object.fromEntries(names.map((name) => [name, name])));
    for (const name of names.slice(0, 11)) writeTree(join(folder, 'in', name), { [name]: 'x' });
    const target = join(group.root, 'імена');
    await bring(folder, target);
    assert.deepEqual(treeOf(target), treeOf(folder));
    // And as what is shared itself.
    for (const name of names.slice(1, 4)) {
      const { share } = await bring(join(folder, name), join(group.root, name));
      assert.equal(share.name, name);
    }
  });

  it('10,000 small files', async () => {
    const folder = join(group.filesDir, 'many');
    mkdirSync(folder);
    const files = Array.from({ length: 10_000 }, (_, index) => {
      const name = `${index % 100}/${index}.txt`;
      return [name, randomBytes(index % 200)] as const;
    });
    writeTree(folder, Object.fromEntries(files));
    const target = join(group.root, 'many');
    const { entries } = await bring(folder, target);
    assert.equal(entries, 10_100);
    assert.deepEqual(treeOf(target), treeOf(folder));
  });
});
