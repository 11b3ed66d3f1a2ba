import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '../../src/common/bytes.js';
import { decodeManifest } from '../../src/chunk/manifest.js';
import type { Connection } from '../../src/net/connection.js';
import { filesBelow } from '../e2e/scan.js';
import { MadeFile } from '../peer/support/madeFile.js';
import { runCli } from '../support/cliProcess.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { looseTree, sealLoosely, type LooseEntry } from './support/forge.js';
import { Liar } from './support/liar.js';
import { fails } from './support/look.js';
import { get, shareNow } from './support/calls.js';

const size = 2000;
const nothing = new Uint8Array(createHash('sha256').digest());

/** What no component of a path may be. */
const names = [
  ...[
    '..',
    '.',
    '',
    'C:out',
    'C:\\out',
    '\\\\host\\out',
    'a\\..\\out',
    'name:stream',
    'name::$DATA',
  ],
  ...[
    'NUL',
    'con.txt',
    'LPT1',
    'COM¹.log',
    'dot.',
    'blank ',
    'a\u0000b',
    'line\nbreak',
    '\u001b[2J',
  ],
  ...['\u202egpj.exe', 'a\u2066b', 'a\u200fb'],
] as const;
const paths = [
  '../out',
  '/etc/out',
  'a/../../out',
  'a//out',
  'a/./out',
  '.git/hooks/post-checkout',
];

describe('fault 27: hostile names are refused, written nowhere, and shown escaped', () => {
  let group: TestGroup;
  let reader: TestPeer;
  let liar: Liar;
  let connection: Connection;
  let folder: string;
  before(async () => {
    group = await TestGroup.start(2);
    reader = group.get(1);
    liar = await Liar.join(group, 'mallory');
    await liar.visit(group.get(0));
    connection = await liar.connect(reader);
    folder = join(group.root, 'target');
    mkdirSync(folder);
  });
  after(async () => {
    liar.dispose();
    await group.dispose();
  });
  afterEach('nothing is written anywhere', () => {
    assert.deepEqual(readdirSync(folder), []);
    const inData = group.peers.map(({ dataDir }) => dataDir);
    const elsewhere = filesBelow(group.root).filter(
      (file) => !inData.some((dataDir) => file.startsWith(dataDir)) && !file.includes('mallory'),
    );
    assert.deepEqual(
      elsewhere.filter((file) => !file.startsWith(group.filesDir)),
      [],
    );
  });

  const own = () => ({
    ...{ groupId: toHex(liar.papers.groupId), author: liar, size, k: 1, m: 0 },
    epochKey: liar.papers.epoch?.key ?? assert.fail('no key'),
  });
  /** A folder of these entries, committed and held by the liar. @returns its id */
  const bait = async (entries: (content: LooseEntry & { t: 'file' }) => LooseEntry[]) => {
    const made = new MadeFile({
      ...own(),
      tree: (sha) => looseTree(entries({ t: 'file', path: 'content', size, sha })),
    });
    const manifest = made.sign({ ...made.info, kind: 'folder', name: 'bait' });
    liar.keep(made.shareId, 0, made.geometry, made.pieces[0] ?? []);
    const receipts = [liar.receiptFor(manifest, 0)];
    await connection.request({ t: 'commit', manifest, receipts });
    return made.shareId;
  };
  const isRefused = async (shareId: string, what: string): Promise<void> => {
    const error = await fails(get(reader, shareId, join(folder, 'bait')), 'protocol');
    assert.match(error.message, /name|side by side|repository of git/, what);
    const client = await reader.client();
    await fails(client.request('entries', { share: shareId, cursor: null, limit: 10 }), 'protocol');
  };

  it('a folder with a good name in it is written: what follows is refused for its names', async () => {
    const shareId = await bait((content) => [content]);
    const client = await reader.client();
    const { entries } = await client.request('entries', {
      ...{ share: shareId, cursor: null, limit: 10 },
    });
    assert.deepEqual(
      entries.map(({ path }) => path),
      ['content'],
    );
  });

  it('as a name or a part of a path', async () => {
    for (const path of [...names, ...names.map((name) => `a/${name}/b`), ...paths]) {
      await isRefused(await bait((content) => [{ ...content, path }]), JSON.stringify(path));
    }
  });

  it('side by side with one that some file system takes for the same', async () => {
    for (const [one, other] of [
      ['readme', 'README'],
      ['caf\u00e9', 'cafe\u0301'],
      ['stra\u00dfe', 'STRASSE'],
      ['a', 'a/b'],
      ['same', 'same'],
    ] as const) {
      const second = { t: 'file', path: other, size: 0, sha: nothing } as const;
      await isRefused(await bait((content) => [{ ...content, path: one }, second]), other);
    }
  });

  it('as a link that leads out, or that something is written through', async () => {
    for (const target of ['../out', '/etc', 'a/../../out', 'C:\\out']) {
      const link = { t: 'symlink', path: 'link', target } as const;
      await isRefused(await bait((content) => [content, link]), target);
    }
    const link = { t: 'symlink', path: 'link', target: 'a' } as const;
    await isRefused(await bait((content) => [link, { ...content, path: 'link/b' }]), 'through');
  });

  it('as a folder that git takes for a repository', async () => {
    const empty = { t: 'file', size: 0, sha: nothing } as const;
    for (const at of ['', 'deeper/']) {
      const parts = ['config', 'objects/x', 'refs/x'].map((path) => ({
        ...empty,
        path: at + path,
      }));
      await isRefused(
        await bait((content) => [{ ...content, path: `${at}HEAD` }, ...parts]),
        `a bare repository at “${at}”`,
      );
    }
  });

  it('as the name of the share itself: such a share is never listed', async () => {
    for (const name of names) {
      const made = new MadeFile({ ...own(), seal: sealLoosely });
      const manifest = made.sign({ ...made.info, name });
      const receipts = [liar.receiptFor(manifest, 0)];
      await fails(connection.request({ t: 'commit', manifest, receipts }), 'protocol');
      const shareId = toHex(decodeManifest(manifest).shareId);
      await fails((await reader.client()).request('find', { share: shareId }), 'not-found');
    }
  });

  it('whatever is shown of them is escaped, in errors and in lists', async () => {
    const hostile = /[\p{Cf}\u0000-\u0009\u000b-\u001f]/u;
    const shareId = await bait((content) => [{ ...content, path: '\u202egpj.exe' }]);
    const shown = async (...args: readonly string[]): Promise<string> => {
      const { stdout, stderr } = await runCli([...args, '--data-dir', reader.dataDir]);
      assert.doesNotMatch(stdout + stderr, hostile);
      return stdout + stderr;
    };
    assert.match(await shown('get', shareId, '-o', join(folder, 'bait')), /\\u\{202e\}gpj\.exe/);
    const invisible = join(group.filesDir, 'in\u200bvisible \u{e0041}.txt');
    writeFileSync(invisible, 'x');
    const made = await shareNow(group.get(0), invisible);
    await reader.lists(made.shareId);
    assert.match(await shown('ls'), /in\\u\{200b\}visible \\u\{e0041\}\.txt/);
  });
});
