import assert from 'node:assert/strict';
import { PeerError } from '../../src/common/errors.js';
import type { EntryInfo, ReadParams, ReadResult } from '../../src/control/contract.js';
import { entryPath, parseRange } from '../../src/cli/options.js';
import { bounds } from '../../src/cli/verbs/cat.js';
import { FakeClient, runCli, share } from './fakes.js';

const content = Buffer.from('0123456789abcdef');

/** Answers at most 6 bytes at a time, as a peer does at the end of a segment. */
function reading(): FakeClient {
  return new FakeClient({
    find: () => share,
    read: ({ offset, length }: ReadParams): ReadResult => {
      const bytes = content.subarray(offset, offset + Math.min(length, 6));
      const { byteLength: size } = content;
      return { shareId: share.shareId, size, base64: bytes.toString('base64'), fetched: 10 };
    },
  });
}

describe('cat', () => {
  it('prints a file to its end, however short the answers are', async () => {
    const client = reading();
    const { code, stdout, stderr } = await runCli(['cat', 'model.bin'], client);
    assert.deepEqual([code, stdout, stderr], [0, '0123456789abcdef', '']);
    assert.deepEqual(
      client.asked.flatMap(({ method, params }) =>
        method === 'read' ? (params as ReadParams).offset : [],
      ),
      [0, 0, 6, 12],
    );
  });

  it('prints ranges, and asks for no more than their bytes', async () => {
    for (const [range, wanted] of [
      ['3-4', '34'],
      ['14-', 'ef'],
      ['-3', 'def'],
      ['15-99', 'f'],
    ] as const) {
      const client = reading();
      const args = ['cat', 'x', '--range', range, '--entry', './a/b'];
      const { code, stdout } = await runCli(args, client);
      assert.deepEqual([code, stdout], [0, wanted]);
      const last = client.asked.at(-1)?.params as ReadParams;
      assert.deepEqual([last.entry, last.length], ['a/b', wanted.length]);
    }
  });

  it('gives programs base64, and what it cost', async () => {
    const { json } = await runCli(['cat', 'x', '--json', '--range', '0-7'], reading());
    const [first, second, result] = json();
    const text = [first, second].map((line) =>
      Buffer.from(String(line?.['base64']), 'base64').toString(),
    );
    assert.deepEqual(text, ['012345', '67']);
    assert.deepEqual(result, { event: 'result', bytes: 8, fetched: 30, size: 16 });
  });

  it('ends quietly when nobody reads, and with an error when the disk is full', async () => {
    for (const [errno, exit] of [
      ['EPIPE', 0],
      ['ENOSPC', 1],
    ] as const) {
      const client = reading();
      const stdout = {
        write: (_chunk: unknown, done?: (error?: Error | null) => void) => {
          done?.(Object.assign(new Error(errno), { code: errno }));
        },
      };
      const { code } = await runCli(['cat', 'x'], client, { stdout });
      assert.equal(code, exit);
      assert.equal(client.asked.filter(({ method }) => method === 'read').length, 2);
    }
  });

  it('refuses ranges that make no sense or lie outside', async () => {
    for (const range of ['', '-', '5-4', 'a-b', '1-2-3', '99999999999999999999-', '16-', '-0']) {
      const { code } = await runCli(['cat', 'x', `--range=${range}`], reading());
      assert.equal(code, 2, range);
    }
    assert.equal((await runCli(['cat', 'x', '--entry', 'a', '--entry', 'b'], reading())).code, 2);
  });

  it('cuts ranges at the end of the file', () => {
    assert.deepEqual(bounds(undefined, 0), [0, 0]);
    assert.deepEqual(bounds(parseRange('0-'), 5), [0, 5]);
    assert.deepEqual(bounds(parseRange('-9'), 5), [0, 5]);
    assert.throws(() => bounds(parseRange('0-'), 0), PeerError);
  });

  it('takes paths as a shell completes them', () => {
    assert.equal(entryPath('./a/b/'), 'a/b');
    assert.equal(entryPath('.hidden'), '.hidden');
    assert.throws(() => entryPath('./'), PeerError);
  });
});

describe('ls of a folder', () => {
  const entry = (fields: Partial<EntryInfo>): EntryInfo => ({
    kind: 'file',
    path: 'x',
    size: 0,
    mode: 0o644,
    mtimeMs: 0,
    sha256: '',
    target: '',
    ...fields,
  });

  const git = { commit: 'ab'.repeat(20), branch: 'ma\u202ein', dirty: true, folder: 'a/\u202eb' };

  it('prints entries page by page, with nothing that could move the cursor', async () => {
    const client = new FakeClient({
      find: () => ({ ...share, kind: 'folder' }),
      entries: ({ cursor }) =>
        cursor === null
          ? {
              entries: [
                entry({ kind: 'dir', path: 'd', mode: 0o755 }),
                entry({ path: 'd/\u001b[2J', size: 1500, mode: 0o4640 }),
              ],
              cursor: 2,
              git,
            }
          : { entries: [entry({ kind: 'symlink', path: 'l', target: 'd' })], cursor: null, git },
    });
    const { code, stdout, stderr } = await runCli(['ls', 'model'], client);
    assert.equal(code, 0);
    assert.equal(
      stderr,
      'shared from commit abababababab on ma\\u{202e}in, folder a/\\u{202e}b, with changes that are not committed\n',
    );
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/ +/g, ' ')),
      [
        'MODE SIZE CHANGED PATH',
        'drwxr-xr-x – 1970-01-01 00:00 d/',
        '-rw-r----- 1.5 kB 1970-01-01 00:00 d/\\u{1b}[2J',
        'lrw-r--r-- – 1970-01-01 00:00 l → d',
      ],
    );
  });
});
