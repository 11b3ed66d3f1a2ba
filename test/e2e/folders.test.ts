import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { EntryInfo, GetResult, ShareInfo, ShareResult } from '../../src/control/contract.js';
import { spawnCli } from '../support/cliProcess.js';
import type { TestGroup, TestPeer } from '../support/peers.js';
import { treeOf, writeTree } from '../support/trees.js';
import { restoreGroup, sixPeers } from './group.js';
import { assertFails, getFile, shareFile } from './results.js';

const segment = 496 * 2 * 1057 - 28; // of 2+2
const unicode = 'дані/報告書 最終版.txt';

/** What `cat` prints, byte for byte. */
async function cat(
  peer: TestPeer,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly bytes: Buffer; readonly stderr: string }> {
  const child = spawnCli(['cat', ...args, '--data-dir', peer.dataDir]);
  const chunks: Buffer[] = [];
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const code = await new Promise<number | null>((done) => child.once('close', done));
  clearTimeout(timer);
  return { code, bytes: Buffer.concat(chunks), stderr };
}

describe('a folder shared from one of six peers', function () {
  this.timeout(40_000);
  let group: TestGroup;
  let source: string;
  let shared: ShareResult;
  let share: ShareInfo;
  let reader: TestPeer;
  const large = randomBytes(3 * segment + 1234);

  before('make the folder, share it, end the sharer and one more', async () => {
    group = await sixPeers();
    source = join(group.filesDir, 'проєкт');
    const small = Array.from({ length: 2000 }, (_, index) => [
      `many/${String(index % 20)}/file-${String(index)}.txt`,
      randomBytes(index % 300),
    ]);
    writeTree(source, {
      ...(Object.fromEntries(small) as Record<string, Uint8Array>),
      [unicode]: 'привіт',
      'a/deep/er/file': 'deep',
      'bin/tool.sh': '#!/bin/sh\n',
      'bin/read-only': 'r',
      'large.bin': large,
      'empty.txt': '',
      '.gitignore': '*.log\nbuild/\n',
      'noise.log': 'left out',
      'build/output.o': 'left out',
      'a/.gitignore': '!keep.log\nsecret\n',
      'a/keep.log': 'kept',
      'a/secret': 'left out',
      '.git/config': 'never',
    });
    mkdirSync(join(source, 'empty dir'));
    chmodSync(join(source, 'bin/tool.sh'), 0o4755);
    chmodSync(join(source, 'bin/read-only'), 0o444);
    symlinkSync('../large.bin', join(source, 'bin/link'));
    symlinkSync('/etc/passwd', join(source, 'absolute'));
    symlinkSync('../outside', join(source, 'outside'));
    execFileSync('mkfifo', [join(source, 'pipe')]);
    utimesSync(join(source, 'empty dir'), 1_000_000_000, 1_000_000_000);
    utimesSync(join(source, 'large.bin'), 1_234_567_890, 1_234_567_890.5);
    const { last } = await group.get(1).ok(['share', source]);
    shared = (last['shares'] as readonly ShareResult[])[0] ?? assert.fail();
    share = shared.share;
    reader = group.get(3);
    await reader.lists(share.shareId);
    await Promise.all([group.get(1).kill(), group.get(2).kill()]);
  });

  after(async () => {
    await restoreGroup();
  });

  /** The source without what is left out. */
  function expected(): Map<string, string> {
    const tree = treeOf(source);
    for (const path of tree.keys()) {
      if (/^(absolute|outside|pipe|noise\.log|a\/secret|(build|\.git)(\/.*)?)$/.test(path)) {
        tree.delete(path);
      }
    }
    tree.set('bin/tool.sh', tree.get('bin/tool.sh')?.replace('4755', '755') ?? '');
    return tree;
  }

  it('says what it left out', () => {
    assert.equal(shared.ignored, 3);
    const warnings = shared.warnings.join('\n');
    assert.match(warnings, /lead out of the folder: absolute, outside\./);
    assert.match(warnings, /no files: pipe\./);
  });

  it('is listed as a folder, and its entries without getting any', async () => {
    assert.equal(share.kind, 'folder');
    assert.equal(share.sha256, '');
    assert.equal(share.entries, expected().size);
    const { events } = await reader.ok(['ls', share.shareId]);
    const entries = events.flatMap(({ event, entry }) => (event === 'entry' ? entry : []));
    assert.deepEqual(
      (entries as EntryInfo[]).map(({ path }) => path).sort(),
      [...expected().keys()].sort(),
    );
  });

  it('comes back whole: names, content, permissions, times, links, empty folders', async () => {
    const target = join(group.root, 'whole');
    const result = await getFile(reader, share.shareId, target);
    assert.deepEqual(treeOf(target), expected());
    assert.equal(result.entries, share.entries);
    assert.deepEqual(result.warnings, []);
    assert.ok(!readdirSync(group.root).some((name) => name.endsWith('.part')));
  });

  it('never replaces a folder, but fills an empty one', async () => {
    const target = join(group.root, 'taken');
    writeTree(target, { 'проєкт/mine': 'precious' });
    for (const options of [[], ['--force']]) {
      const refused = await reader.cli(['get', share.shareId, '-o', target, ...options]);
      assertFails(refused, 7, 'exists');
    }
    assert.equal(readFileSync(join(target, 'проєкт/mine'), 'utf8'), 'precious');
    assert.deepEqual(readdirSync(target), ['проєкт']);
    mkdirSync(join(group.root, 'ready/проєкт'), { recursive: true });
    const args = ['--entry', 'a', '--entry', 'bin/', '-o', join(group.root, 'ready')];
    await reader.ok(['get', share.shareId, ...args]);
    const names = [...expected()].filter(([path]) => /^(a|bin)(\/|$)/.test(path));
    assert.deepEqual([...treeOf(join(group.root, 'ready/проєкт'))], names);
  });

  it('gives one entry by itself, and only its segments', async () => {
    const target = join(group.root, 'text');
    const result = await getFile(reader, share.shareId, target, '--entry', unicode);
    assert.equal(readFileSync(target, 'utf8'), 'привіт');
    assert.ok(fetchedBytes(result) <= 2.2 * segment, JSON.stringify(result.from));
    const folder = join(group.root, 'deep');
    await getFile(reader, share.shareId, folder, '--entry', 'a/deep');
    assert.equal(readFileSync(join(folder, 'er/file'), 'utf8'), 'deep');
    const missing = await reader.cli(['get', share.shareId, '--entry', 'none', '-o', folder + '2']);
    assertFails(missing, 3, 'not-found');
    assert.ok(!existsSync(folder + '2'));
    const link = await reader.cli(['get', share.shareId, '--entry', 'bin/link', '-o', folder]);
    assertFails(link, 2, 'not-a-file');
  });

  const size = large.byteLength;
  const ranges: readonly (readonly [string, number, number])[] = [
    ['0-0', 0, 1],
    [`${String(segment - 1)}-${String(segment)}`, segment - 1, segment + 1],
    [`${String(segment)}-${String(2 * segment - 1)}`, segment, 2 * segment],
    [`${String(size - 1)}-`, size - 1, size],
    ['-77', size - 77, size],
    [`-${String(10 * size)}`, 0, size],
    [`100-${String(10 * size)}`, 100, size],
    ['0-', 0, size],
  ];
  for (const [range, start, end] of ranges) {
    it(`prints the bytes ${range} of an entry`, async () => {
      const args = [share.shareId, '--entry', 'large.bin', '--range', range];
      const { code, bytes, stderr } = await cat(reader, ...args);
      assert.equal(code, 0, stderr);
      assert.deepEqual(bytes, large.subarray(start, end));
    });
  }

  it('prints a whole entry, an empty one too', async () => {
    const whole = await cat(reader, share.shareId, '--entry', 'large.bin');
    assert.deepEqual([whole.code, whole.bytes.equals(large)], [0, true], whole.stderr);
    const empty = await cat(reader, share.shareId, '--entry', 'empty.txt');
    assert.deepEqual([empty.code, empty.bytes.byteLength], [0, 0], empty.stderr);
  });

  it('refuses ranges outside, folders and links', async () => {
    const at = (...args: readonly string[]) => reader.cli(['cat', share.shareId, ...args]);
    const large = ['--entry', 'large.bin', '--range'];
    assertFails(await at(...large, `${String(size)}-`), 2, 'usage');
    assertFails(await at(...large, '5-4'), 2, 'usage');
    assertFails(await at(), 2, 'not-a-file');
    assertFails(await at('--entry', 'a'), 2, 'not-a-file');
    assertFails(await at('--entry', 'bin/link'), 2, 'not-a-file');
    assertFails(await at('--entry', 'a/none'), 3, 'not-found');
  });

  it('ends quietly when the reader of a pipe leaves', async () => {
    const child = spawnCli([
      'cat',
      share.shareId,
      '--entry',
      'large.bin',
      '--data-dir',
      reader.dataDir,
    ]);
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout?.once('data', () => child.stdout?.destroy());
    child.stdin?.end();
    const code = await new Promise<number | null>((done) => child.once('close', done));
    assert.deepEqual([code, stderr], [0, '']);
  });
});

describe('a part of a large file', function () {
  this.timeout(40_000);
  let group: TestGroup;
  let share: ShareInfo;
  const content = randomBytes(12 * segment);

  before(async () => {
    group = await sixPeers();
    const file = join(group.filesDir, 'twelve.bin');
    writeFileSync(file, content);
    share = await shareFile(group.get(0), file, '--redundancy', '2+2');
    await group.get(5).lists(share.shareId);
  });

  it('costs the segments that it touches, and nothing more', async () => {
    const client = await group.get(5).client();
    const read = (offset: number, length: number) =>
      client.request('read', { share: share.shareId, offset, length });
    const stored = (segment + 28) * (512 / 496);
    const one = await read(5 * segment + 1000, 65_536);
    assert.deepEqual(
      Buffer.from(one.base64, 'base64'),
      content.subarray(5 * segment + 1000, 5 * segment + 66_536),
    );
    assert.equal(one.fetched, stored);
    assert.equal((await read(5 * segment, 10)).fetched, 0); // still known
    assert.equal((await read(8 * segment - 5, 10)).fetched, 2 * stored);
    assert.equal((await read(0, 0)).fetched, 0);
    assert.equal((await read(12 * segment, 10)).base64, '');
  });

  it('comes from the others when holders die', async () => {
    const holders = share.holders.map(({ name }) => name);
    const dying = group.peers.filter(({ name }) => holders.includes(name)).slice(0, 2);
    const reader = group.peers.find((peer) => !dying.includes(peer)) ?? assert.fail();
    await reader.lists(share.shareId);
    await Promise.all(dying.map((peer) => peer.kill()));
    const { code, bytes, stderr } = await cat(reader, share.shareId);
    await restoreGroup();
    assert.equal(code, 0, stderr);
    assert.ok(bytes.equals(content));
  });
});

function fetchedBytes(result: GetResult): number {
  return Object.values(result.from).reduce((sum, bytes) => sum + bytes, 0);
}
