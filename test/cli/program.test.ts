import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { PeerError } from '../../src/common/errors.js';
import { verbs } from '../../src/cli/verbs/table.js';
import { FakeClient, runCli, share, status } from './fakes.js';

describe('the command line', () => {
  const idle = new FakeClient({});

  it('prints help and the version on stdout, exit 0', async () => {
    const help = await runCli(['--help'], idle);
    assert.equal(help.code, 0);
    for (const verb of verbs.filter(({ hidden }) => hidden !== true))
      assert.match(help.stdout, new RegExp(`^ +${verb.syntax.split(' ')[0] ?? ''}\\b`, 'm'));
    assert.equal(help.stderr, '');
    const version = await runCli(['--version'], idle);
    assert.deepEqual([version.code, version.stdout], [0, '9.9.9\n']);
  });

  for (const verb of verbs) {
    const word = verb.syntax.split(' ')[0] ?? '';
    it(`explains ${word} with --help, and that it takes --data-dir and --json`, async () => {
      const { code, stdout } = await runCli([word, '--help'], idle);
      assert.equal(code, 0);
      assert.match(stdout, /--data-dir/);
      assert.match(stdout, /--json/);
    });
  }

  it('shows the help on stderr and exits 2 when no verb is given', async () => {
    const { code, stdout, stderr } = await runCli([], idle);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /Usage:/);
  });

  for (const args of [
    ['lss'],
    ['get'],
    ['get', 'a', 'b'],
    ['ls', '--nonsense'],
    ['share', 'x', '--redundancy', '0+1'],
    ['invite', '--valid', 'soon'],
  ]) {
    it(`refuses “${args.join(' ')}” with exit 2, and as JSON when asked`, async () => {
      const human = await runCli(args, idle);
      assert.equal(human.code, 2);
      assert.match(human.stderr, /^error: /);
      assert.equal(human.stdout, '');
      const json = await runCli([...args, '--json'], idle);
      assert.equal(json.code, 2);
      assert.equal(json.stderr, '');
      assert.deepEqual(
        json.json().map((line) => [line['event'], line['code']]),
        [['error', 'usage']],
      );
    });
  }

  it('takes the common options before and after the verb', async () => {
    for (const args of [
      ['--data-dir', 'd', '--json', 'status'],
      ['status', '--data-dir', 'd', '--json'],
      ['--json', 'status', '--data-dir', 'd'],
    ]) {
      const dirs: string[] = [];
      const outcome = await runCli(args, idle, {
        attach: (options) => {
          dirs.push(options.dataDir);
          return Promise.resolve(idle);
        },
      });
      assert.deepEqual(outcome.json().at(-1), { event: 'result', status });
      assert.deepEqual(dirs, [resolve('/somewhere', 'd')]);
    }
  });

  it('lets the peer go after a verb, whether it failed or not', async () => {
    const good = new FakeClient({ map: () => ({ share, chunks: 400, runs: [] }) });
    assert.equal((await runCli(['map', 'x'], good)).code, 0);
    const bad = new FakeClient({});
    assert.equal((await runCli(['map', 'x'], bad)).code, 1);
    assert.deepEqual([good.disposed, bad.disposed], [1, 1]);
  });

  it('prints message and hint, and escapes what would move the cursor', async () => {
    const client = new FakeClient({
      map: () => {
        throw new PeerError('not-found', 'No file “a\u001b[2Jb”.', { hint: 'Run ls.' });
      },
    });
    const { code, stderr } = await runCli(['map', 'x'], client);
    assert.equal(code, 3);
    assert.equal(stderr, 'error: No file “a\\u{1b}[2Jb”.\nRun ls.\n');
  });

  it('lists the choices with their ids when a name is ambiguous, exit 2', async () => {
    const choice = (shareId: string) => ({ shareId, name: 'a', authorName: 'bob', createdAt: 0 });
    const client = new FakeClient({
      map: () => {
        throw new PeerError('ambiguous', 'Two files have that name.', {
          details: { choices: [choice('1'.repeat(32)), choice('2'.repeat(32))] },
        });
      },
    });
    const { code, stderr } = await runCli(['map', 'a'], client);
    assert.equal(code, 2);
    assert.match(stderr, /1{32} {2}a {2}by bob {2}1970-01-01 00:00\n {2}2{32}/);
    const json = (await runCli(['map', 'a', '--json'], client)).json().at(-1);
    assert.equal(json?.['code'], 'ambiguous');
    assert.equal((json['details'] as { choices: unknown[] }).choices.length, 2);
  });

  it('colours only on a terminal, and never with NO_COLOR', async () => {
    const client = new FakeClient({});
    const plain = await runCli(['map', 'x'], client);
    assert.ok(!plain.stderr.includes('\u001b'));
    const tty = await runCli(['map', 'x'], client, { tty: true });
    assert.ok(tty.stderr.includes('\u001b[31m'));
    const off = await runCli(['map', 'x'], client, { tty: true, env: { NO_COLOR: '1' } });
    assert.ok(!off.stderr.includes('\u001b'));
  });
});
