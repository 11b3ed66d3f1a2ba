import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PeerError } from '../../src/common/errors.js';
import type {
  GetResult,
  LeaveResult,
  RepairResult,
  ShareResult,
  VerifyAllResult,
  VerifyResult,
} from '../../src/control/contract.js';
import { inviteLinkUrl, shareLinkText, shareLinkUrl } from '../../src/common/links.js';
import type { CliDeps } from '../../src/cli/deps.js';
import { targetPath } from '../../src/cli/verbs/get.js';
import {
  FakeClient,
  listed,
  peer,
  runCli,
  self,
  share,
  source,
  status,
  transfer,
} from './fakes.js';

const got: GetResult = {
  share,
  path: resolve('/somewhere', 'model.bin'),
  bytes: share.size,
  entries: 1,
  warnings: [],
  sha256: share.sha256,
  from: { bob: 1000, carol: 2000, dave: 0 },
};

describe('the verbs', () => {
  it('init makes the group under the host name when no name is given', async () => {
    const asked: unknown[] = [];
    const { code, json } = await runCli(
      ['init', '--json', '--data-dir', '/d'],
      new FakeClient({}),
      {
        initGroup: (options) => {
          asked.push(options);
          return Promise.resolve(self);
        },
      },
    );
    assert.equal(code, 0);
    assert.deepEqual(asked, [{ dataDir: resolve('/d'), name: 'box', groupName: 'group of box' }]);
    assert.deepEqual(json(), [{ event: 'result', self }]);
  });

  it('join reads the code from stdin, joined or split, and never prints it', async () => {
    const codes: string[] = [];
    const run = (stdin: readonly string[], code: string) =>
      runCli(['join', code], new FakeClient({}), {
        stdin: source(...stdin),
        joinGroup: (options) => {
          codes.push(options.code);
          return Promise.resolve(self);
        },
      });
    const outcomes = [
      await run(['SEC', 'RET\n', 'rest'], '-'),
      await run(['\n SECRET'], '-'),
      await run([], 'SECRET'),
    ];
    assert.deepEqual(codes, ['SECRET', 'SECRET', 'SECRET']);
    for (const { stdout, stderr } of outcomes) assert.ok(!`${stdout}${stderr}`.includes('SECRET'));
  });

  it('join refuses an empty and an endless stdin with exit 2', async () => {
    assert.equal((await runCli(['join', '-'], new FakeClient({}))).code, 2);
    const long = source('x'.repeat(10_000), 'x'.repeat(10_000));
    assert.equal((await runCli(['join', '-'], new FakeClient({}), { stdin: long })).code, 2);
  });

  it('serve looks for others on the local network unless it is told not to', async () => {
    const given: boolean[] = [];
    const runServe: CliDeps['runServe'] = ({ discovery }) => {
      given.push(discovery);
      return Promise.resolve();
    };
    await runCli(['serve'], new FakeClient({}), { runServe });
    await runCli(['serve', '--no-discovery'], new FakeClient({}), { runServe });
    assert.deepEqual(given, [true, false]);
  });

  it('serve says where it listens, and hands on what it was given', async () => {
    const { json, code } = await runCli(
      ['serve', '--listen', '127.0.0.1:0', '--json'],
      new FakeClient({}),
      {
        runServe: (options) => {
          assert.deepEqual([options.listen, options.background], ['127.0.0.1:0', false]);
          options.onListening({ address: '127.0.0.1:4000', nodeIdText: 'ID', groupName: 'team' });
          return Promise.resolve();
        },
      },
    );
    assert.equal(code, 0);
    assert.deepEqual(json(), [
      { event: 'listening', address: '127.0.0.1:4000', nodeIdText: 'ID', groupName: 'team' },
      { event: 'result', stopped: true },
    ]);
  });

  it('invite prints nothing but the code on stdout', async () => {
    const client = new FakeClient({
      peers: () => ({ peers: [] }),
      invite: ({ role = 'member' }) => ({ code: 'SECRET', expiresAt: 0, addresses: [], role }),
    });
    const { stdout, code } = await runCli(['invite', '--valid', '30m', '--admin'], client);
    assert.deepEqual([code, stdout], [0, 'SECRET\n']);
    assert.deepEqual(client.params('invite'), { validForMs: 1_800_000, role: 'admin' });
  });

  it('invite shows no code for another role than was asked for', async () => {
    const client = new FakeClient({
      peers: () => ({ peers: [] }),
      invite: () => ({ code: 'SECRET', expiresAt: 0, addresses: [], role: 'member' }),
    });
    const { stdout, stderr, code } = await runCli(['invite', '--role', 'storage'], client);
    assert.equal(code, 1);
    assert.ok(!(stdout + stderr).includes('SECRET'));
    assert.deepEqual(client.params('invite'), { role: 'storage' });
    assert.equal((await runCli(['invite', '--role', 'king'], client)).code, 2);
  });

  describe('remove', () => {
    const bob = peer({ nodeId: 'ab'.repeat(32) });
    const removing = () => new FakeClient({ findPeer: () => bob, remove: () => null });

    it('says what it cannot undo, and asks', async () => {
      for (const [answer, wanted] of [
        ['y\n', 0],
        ['\n', 1],
      ] as const) {
        const client = removing();
        const stdin = Object.assign(source(answer), { isTTY: true });
        const { code, stderr } = await runCli(['remove', 'bob'], client, { stdin });
        assert.equal(code, wanted);
        assert.match(stderr, /keeps what it has read.*\n.*\n?.*Remove bob/);
        const asked = wanted === 0 ? { nodeId: bob.nodeId } : undefined;
        assert.deepEqual(client.params('remove'), asked);
      }
    });

    it('with --yes asks nothing, and nobody can be asked without a terminal', async () => {
      const client = removing();
      const { code, stdout } = await runCli(['remove', 'bob', '--yes'], client);
      assert.equal(code, 0);
      assert.match(stdout, /Removed bob, abababababababab/);
      assert.deepEqual(client.params('findPeer'), { peer: 'bob' });
      const other = removing();
      assert.equal((await runCli(['remove', 'bob'], other)).code, 2);
      assert.equal(other.params('remove'), undefined);
    });
  });

  it('lost declares the pieces of a peer lost', async () => {
    const bob = peer({ nodeId: 'ab'.repeat(32) });
    const client = new FakeClient({ findPeer: () => bob, lost: () => null });
    assert.equal((await runCli(['lost', 'bob', '--json'], client)).code, 2);
    assert.equal(client.params('lost'), undefined);
    const { code, json } = await runCli(['lost', 'bob', '--yes', '--json'], client);
    assert.equal(code, 0);
    assert.deepEqual(json(), [{ event: 'result', lost: { nodeId: bob.nodeId, name: 'bob' } }]);
    assert.deepEqual(client.params('lost'), { nodeId: bob.nodeId });
  });

  it('peers tells roles, and who was removed or lost what it held', async () => {
    const peers = [
      peer({ role: 'storage', lost: true }),
      peer({ name: 'carol', state: 'removed', problem: 'Removed by “alice”.' }),
    ];
    const { stdout } = await runCli(['peers'], new FakeClient({ peers: () => ({ peers }) }));
    assert.match(stdout, /bob +online, 1 ms, pieces lost .* storage /);
    assert.match(stdout, /carol +removed /);
    assert.match(stdout, /carol: Removed by “alice”\./);
  });

  it('peers --risk tells what would be lost with each, and what would be at risk', async () => {
    const bob = peer({ nodeId: 'ab'.repeat(32) });
    const carol = peer({ nodeId: 'cd'.repeat(32), name: 'carol' });
    const risks = [{ nodeId: bob.nodeId, lost: 1, atRisk: 2000 }];
    const client = new FakeClient({
      peers: () => ({ peers: [bob, carol] }),
      risk: () => ({ peers: risks }),
    });
    const { stdout } = await runCli(['peers', '--risk'], client);
    assert.match(stdout, /IF IT LEAVES/);
    assert.match(stdout, /^bob .* 1 lost, 2,000 at risk /m);
    assert.match(stdout, /^carol .* all survive /m);
    const { json } = await runCli(['peers', '--risk', '--json'], client);
    assert.deepEqual(json(), [{ event: 'result', peers: [bob, carol], risks }]);
    const plain = await runCli(['peers'], client);
    assert.doesNotMatch(plain.stdout, /LEAVES/);
  });

  it('status says that this peer was removed', async () => {
    const removed = 'This peer was removed.';
    const client = new FakeClient({
      status: () => ({ ...status, self: { ...self, role: 'storage', removed } }),
    });
    const { stdout } = await runCli(['status'], client);
    assert.match(stdout, /alice \(storage\)/);
    assert.match(stdout, /This peer was removed\./);
  });

  it('invite waits where the peer would end with it, until Ctrl-C or until the code expires', async () => {
    const controller = new AbortController();
    const answers = (expiresAt: number) => ({
      status: () => ({ ...status, stays: false }),
      peers: () => ({ peers: [peer({})] }),
      invite: () => ({ code: 'SECRET', expiresAt, addresses: [], role: 'member' as const }),
    });
    /** No peer runs until one is started. */
    const attachTo = (client: FakeClient): Pick<CliDeps, 'attach'> => ({
      attach: ({ start }) =>
        start ? Promise.resolve(client) : Promise.reject(new PeerError('closed', 'None runs.')),
    });
    const patient = new FakeClient(answers(Date.now() + 60_000));
    const waiting = runCli(['invite'], patient, {
      ...attachTo(patient),
      signal: controller.signal,
      stdout: {
        write: () => {
          setImmediate(() => {
            controller.abort();
          });
        },
      },
    });
    assert.equal((await waiting).code, 130);
    const late = new FakeClient(answers(0));
    assert.equal((await runCli(['invite'], late, attachTo(late))).code, 6);
  });

  it('peers, asked of a peer that has met nobody yet, lets it try first', async () => {
    const attempt = { at: Date.now() - 125_000, code: 'unreachable' } as const;
    const peers = [
      peer({ state: 'offline', problem: 'refused\u0007' }),
      peer({ name: 'carol', state: 'offline', problem: 'Nobody answers.', attempt }),
    ];
    const client = new FakeClient({
      status: () => ({ ...status, peersOnline: 0 }),
      connect: () => ({ peers }),
      peers: () => ({ peers }),
    });
    const { stdout } = await runCli(['peers'], client);
    assert.deepEqual(
      client.asked.map((call) => call.method),
      ['status', 'connect', 'peers'],
    );
    assert.match(stdout, /^bob +offline/m);
    assert.match(stdout, /^bob: refused\\u\{7\}$/m);
    assert.match(stdout, /^carol: Nobody answers\. Tried 2 m ago\.$/m);
  });

  it('share passes absolute paths, goes on after a failure, and exits with its code', async () => {
    const result: ShareResult = {
      share,
      git: { commit: 'ab'.repeat(20), branch: 'main', dirty: true, folder: '' },
      missing: ['erin'],
      warnings: ['only four peers'],
      ignored: 0,
    };
    const client = new FakeClient({
      share: (params) => {
        if (params.path.endsWith('bad')) throw new PeerError('too-few-peers', 'Nobody is there.');
        return result;
      },
    });
    const outcome = await runCli(['share', 'bad', 'good', '--redundancy', '2+1'], client);
    assert.equal(outcome.code, 4);
    assert.match(outcome.stdout, /^shared model\.bin \(18 MB\) as 0123456789ab/);
    assert.match(outcome.stderr, /degraded: no confirmation from erin/);
    assert.match(outcome.stderr, /1 of 2 could not be shared/);
    const asked = client.asked.filter((call) => call.method === 'share').map((call) => call.params);
    assert.deepEqual(
      asked.map((params) => (params as { path: string; redundancy: string }).path),
      [resolve('/somewhere', 'bad'), resolve('/somewhere', 'good')],
    );
  });

  it('share asks once about all that looks like a secret, and shares the rest unasked', async () => {
    const withheld = new PeerError('secrets', '“.env” looks like a secret.', {
      details: { count: 1, names: ['a\u202e/.env'] },
    });
    const result: ShareResult = { share, git: null, missing: [], warnings: [], ignored: 0 };
    const newClient = (): FakeClient =>
      new FakeClient({
        share: ({ path, allowSecrets }) => {
          if (!path.endsWith('fine') && allowSecrets !== true) throw withheld;
          return result;
        },
      });
    const shares = (client: FakeClient) =>
      client.asked
        .filter(({ method }) => method === 'share')
        .map(({ params }) => params as { path: string; allowSecrets?: boolean })
        .map(({ path, allowSecrets }) => `${path.slice(11)} ${String(allowSecrets ?? false)}`);
    const run = (client: FakeClient, args: readonly string[], answer?: string) =>
      runCli(['share', ...args], client, {
        stdin: Object.assign(source(answer ?? ''), { isTTY: answer !== undefined }),
      });
    const yes = newClient();
    const asked = await run(yes, ['one', 'fine', 'two'], 'y\n');
    assert.equal(asked.code, 0);
    assert.deepEqual(shares(yes), ['one false', 'fine false', 'two false', 'one true', 'two true']);
    assert.equal(asked.stderr.match(/\[y\/N\]/g)?.length, 1);
    assert.ok(asked.stderr.includes('a\\u{202e}/.env'));
    const no = newClient();
    assert.equal((await run(no, ['one', 'fine'], 'n\n')).code, 2);
    assert.deepEqual(shares(no), ['one false', 'fine false']);
    assert.equal((await run(newClient(), ['one'])).code, 2);
    assert.equal((await run(newClient(), ['one', '--json'], 'y\n')).code, 2);
    const told = newClient();
    assert.equal((await run(told, ['one', '--allow-secrets'])).code, 0);
    assert.deepEqual(shares(told), ['one true']);
  });

  it('links stand for shares of this group, and for invites', async () => {
    const found = new FakeClient({
      find: () => share,
      map: () => ({ share, chunks: 400, runs: [] }),
    });
    const link = shareLinkUrl('vscode', self.groupId, share.shareId);
    assert.equal((await runCli(['map', link], found)).code, 0);
    assert.deepEqual(found.params('find'), { share: share.shareId });
    assert.deepEqual(found.params('map'), { share: share.shareId });
    const acting = new FakeClient({
      ...{ find: () => share, versions: () => ({ versions: [listed] }) },
      delete: () => ({ share, deleted: [share.shareId], warnings: [] }),
      repair: () => ({ ok: true, shares: [] }),
    });
    assert.equal((await runCli(['ls', link, '--versions'], acting)).code, 0);
    assert.deepEqual(acting.params('versions'), { share: share.shareId });
    assert.equal((await runCli(['repair', link], acting)).code, 0);
    assert.equal((acting.params('repair') as { share: string }).share, share.shareId);
    assert.equal((await runCli(['rm', link, '--yes'], acting)).code, 0);
    assert.deepEqual(acting.params('delete'), { share: share.shareId });
    const foreign = shareLinkText('a1'.repeat(32), share.shareId);
    assert.equal((await runCli(['map', foreign], found)).code, 6);
    assert.equal((await runCli(['map', `${link}&code=x`], found)).code, 2);
    const codes: string[] = [];
    const join = (text: string) =>
      runCli(['join', '-'], new FakeClient({}), {
        stdin: source(`${text}\n`),
        joinGroup: ({ code }) => {
          codes.push(code);
          return Promise.resolve(self);
        },
      });
    assert.equal((await join(inviteLinkUrl('vscode', 'CP1-abc'))).code, 0);
    assert.equal((await join(link)).code, 2);
    assert.deepEqual(codes, ['CP1-abc']);
  });

  it('ls reads page after page and escapes names', async () => {
    const client = new FakeClient({
      list: ({ cursor }) =>
        cursor === null
          ? { shares: [{ ...listed, name: 'a\u202egnp.exe' }], cursor: 'next' }
          : { shares: [{ ...listed, name: '報告 書', superseded: true }], cursor: null },
    });
    const { stdout } = await runCli(['ls'], client);
    assert.match(stdout, /a\\u\{202e\}gnp\.exe\n/);
    assert.match(stdout, /報告 書 \(older version\)\n/);
    const events = (await runCli(['ls', '--json'], client)).json();
    assert.deepEqual(
      events.map((event) => event['event']),
      ['share', 'share', 'result'],
    );
    assert.deepEqual(events[0]?.['share'], { ...listed, name: 'a\u202egnp.exe' });
    assert.equal(events[2]?.['count'], 2);
  });

  it('ls sorts by name and picks by the start of names in the peer', async () => {
    const none = { list: () => ({ shares: [], cursor: null }) };
    const sorted = new FakeClient(none);
    await runCli(['ls', '--sort', 'name'], sorted);
    assert.deepEqual(sorted.params('list'), { order: 'name', cursor: null, limit: 200 });
    const picked = new FakeClient(none);
    const { stderr } = await runCli(['ls', '--prefix', 'mo'], picked);
    assert.deepEqual(picked.params('list'), {
      ...{ order: 'newest', prefix: 'mo', cursor: null, limit: 200 },
    });
    assert.match(stderr, /begins so/);
    assert.equal((await runCli(['ls', '--sort', 'size'], new FakeClient(none))).code, 2);
  });

  it('ls has one page under way while it prints another, and never more', async () => {
    let open = 0;
    let most = 0;
    let printed = 0;
    const client = new FakeClient({
      list: async ({ cursor }) => {
        most = Math.max(most, ++open);
        await new Promise(setImmediate);
        open--;
        const at = Number(cursor ?? 0);
        assert.ok(at - printed <= 2);
        printed = at;
        return { shares: [listed], cursor: at < 9 ? String(at + 1) : null };
      },
    });
    const events = (await runCli(['ls', '--json'], client)).json();
    assert.equal(events.at(-1)?.['count'], 10);
    assert.equal(most, 1);
  });

  it('map draws runs by holder', async () => {
    const run = { nodeId: 'n', online: true } as const;
    const client = new FakeClient({
      map: () => ({
        share,
        chunks: 400,
        runs: [
          { ...run, name: 'bob', shard: 0, first: 0, last: 99, kind: 'data' },
          { ...run, name: 'carol', shard: 3, first: 300, last: 399, kind: 'parity', online: false },
        ],
      }),
    });
    const { stdout } = await runCli(['map', 'model.bin'], client);
    assert.match(stdout, /^bob +0–99 +file +█{8}·{24}$/m);
    assert.match(stdout, /^carol \(offline\) +300–399 +spare +·{24}░{8}$/m);
  });

  it('get asks for the id that the name stands for, into the folder it was called from', async () => {
    const client = new FakeClient({ find: () => share, get: () => got });
    const { stdout, code } = await runCli(['get', 'model.bin'], client);
    assert.equal(code, 0);
    const { path, share: id, overwrite } = client.params('get') as Record<string, unknown>;
    assert.deepEqual(
      [path, id, overwrite],
      [resolve('/somewhere', 'model.bin'), share.shareId, undefined],
    );
    assert.match(stdout, /SHA-256 c{64}, proved here\nfrom carol 2 kB, bob 1 kB\n/);
  });

  it('get does as it is told where something lies already', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'get-'));
    const taken = join(folder, 'model.bin');
    writeFileSync(taken, 'theirs');
    const run = async (
      ...more: string[]
    ): Promise<[number, Record<string, unknown> | undefined]> => {
      const client = new FakeClient({ find: () => share, get: () => got });
      const { code } = await runCli(['get', 'model.bin', '-o', taken, ...more], client);
      const calls = client.asked.filter(({ method }) => method === 'get');
      return [code, calls[0]?.params as Record<string, unknown> | undefined];
    };
    try {
      assert.deepEqual(await run('--if-exists', 'skip'), [0, undefined]);
      const [, renamed] = await run('--if-exists', 'rename');
      assert.equal(renamed?.['path'], join(folder, 'model (2).bin'));
      const [, resumed] = await run('--if-exists', 'resume');
      assert.deepEqual([resumed?.['acceptSame'], resumed?.['overwrite']], [true, undefined]);
      const [, forced] = await run('--if-exists', 'overwrite');
      assert.deepEqual([forced?.['path'], forced?.['overwrite']], [taken, true]);
      const [, plain] = await run();
      assert.deepEqual([plain?.['overwrite'], plain?.['acceptSame']], [undefined, undefined]);
      assert.equal((await run('--if-exists', 'ask'))[0], 2);
      assert.equal((await run('--if-exists', 'skip', '--force'))[0], 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('get shows progress on a terminal only, and as events with --json', async () => {
    const client = new FakeClient({
      find: () => share,
      get: (params, fake) => {
        fake.emit('transfer', transfer({ transferId: 'of somebody else', name: 'other' }));
        fake.emit('transfer', transfer({ transferId: params.transferId }));
        return got;
      },
    });
    const line =
      /\r\u001b\[K↓ Getting model\.bin {3}42% {2}100 B\/s {2}6 s left {2}3 peers\r\u001b\[K$/;
    assert.match((await runCli(['get', 'x'], client, { tty: true })).stderr, line);
    assert.equal((await runCli(['get', 'x'], client)).stderr, '');
    const events = (await runCli(['get', 'x', '--json'], client)).json();
    assert.deepEqual(
      events.map((event) => [event['event'], event['name'] ?? null]),
      [
        ['progress', 'model.bin'],
        ['result', null],
      ],
    );
  });

  it('Ctrl-C cancels the transfer in the peer and exits with 130', async () => {
    const controller = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    const client = new FakeClient({
      find: () => share,
      get: () =>
        new Promise((_resolve, reject) => {
          fail = reject;
          controller.abort();
        }),
      cancel: () => {
        fail(new PeerError('cancelled', 'The download was cancelled.'));
        return null;
      },
    });
    const { code } = await runCli(['get', 'x'], client, { signal: controller.signal });
    assert.equal(code, 130);
    assert.equal(
      (client.params('cancel') as { transferId: string }).transferId,
      (client.params('get') as { transferId: string }).transferId,
    );
  });

  describe('rm', () => {
    const versions = [listed, { ...listed, shareId: 'f'.repeat(32), superseded: true }];
    const answers = {
      find: () => share,
      versions: () => ({ versions }),
      delete: ({ versions: all }: { versions?: boolean }) => ({
        share,
        deleted: all === true ? versions.map(({ shareId }) => shareId) : [share.shareId],
        warnings: ['Nobody is there\u0007.'],
      }),
    };
    const tty = (answer: string): CliDeps['stdin'] => ({ ...source(answer), isTTY: true });

    it('deletes all versions by name, and one version by its id', async () => {
      const named = new FakeClient(answers);
      const { code, stdout, stderr } = await runCli(['rm', 'model.bin', '--yes'], named);
      assert.equal(code, 0);
      assert.deepEqual(named.params('delete'), { share: share.shareId, versions: true });
      assert.equal(stdout, 'deleted model.bin (18 MB), 0123456789ab and an older version\n');
      assert.match(stderr, /Nobody is there\\u\{7\}/);
      const one = new FakeClient(answers);
      await runCli(['rm', '01234567', '-y'], one);
      assert.deepEqual(one.params('delete'), { share: share.shareId });
      const [result] = (await runCli(['rm', 'model.bin', '--yes', '--json'], named)).json();
      assert.deepEqual(
        result?.['deleted'],
        versions.map(({ shareId }) => shareId),
      );
    });

    it('asks on a terminal, and takes nothing but yes for yes', async () => {
      for (const [answer, code] of [
        ['y\n', 0],
        ['Yes\n', 0],
        ['n\n', 1],
        ['\n', 1],
        ['yesterday\n', 1],
        ['y', 1],
      ] as const) {
        const client = new FakeClient(answers);
        const outcome = await runCli(['rm', 'model.bin'], client, { stdin: tty(answer) });
        assert.equal(outcome.code, code, JSON.stringify(answer));
        assert.match(
          outcome.stderr,
          /^Delete model\.bin \(18 MB\) by alice and an older version for/,
        );
        assert.equal(client.params('delete') !== undefined, code === 0);
      }
    });

    it('deletes nothing where nobody can be asked', async () => {
      const client = new FakeClient(answers);
      assert.equal((await runCli(['rm', 'model.bin'], client)).code, 2);
      const json = await runCli(['rm', 'model.bin', '--json'], client, { stdin: tty('y\n') });
      assert.equal(json.code, 2);
      assert.equal(client.params('delete'), undefined);
    });

    it('says who may, with exit 6', async () => {
      const client = new FakeClient({
        ...answers,
        delete: () => {
          throw new PeerError('not-trusted', 'Only who shared a file can.', { hint: 'Ask alice.' });
        },
      });
      const { code, stderr } = await runCli(['rm', 'model.bin', '--yes'], client);
      assert.equal(code, 6);
      assert.match(stderr, /Ask alice\.\n$/);
    });
  });

  it('ls --versions lists older versions too, of all files or of one, as --version counts them', async () => {
    const older = { ...listed, shareId: 'f'.repeat(32), superseded: true };
    const client = new FakeClient({
      list: () => ({ shares: [listed, older], cursor: null }),
      versions: () => ({ versions: [listed, older] }),
    });
    await runCli(['ls', '--versions'], client);
    assert.deepEqual(client.params('list'), {
      ...{ order: 'newest', versions: true, cursor: null, limit: 200 },
    });
    const { stdout } = await runCli(['ls', '--versions', 'model.bin'], client);
    assert.match(stdout, /^ newest +0123456789ab .* model\.bin$/m);
    assert.match(stdout, /^ {6}1 +f{12} .* model\.bin$/m);
    assert.deepEqual(client.params('versions'), { share: 'model.bin' });
    const events = (await runCli(['ls', '--versions', 'model.bin', '--json'], client)).json();
    assert.deepEqual(
      events.map((event) => event['version'] ?? event['count']),
      [0, 1, 2],
    );
  });

  it('get, cat, map and verify take another version', async () => {
    const older = { ...share, shareId: 'f'.repeat(32) };
    for (const verb of ['get', 'cat', 'map', 'verify'] as const) {
      const client = new FakeClient({
        find: () => older,
        get: () => got,
        read: () => ({ shareId: older.shareId, size: 0, base64: '', fetched: 0 }),
        map: () => ({ share: older, chunks: 400, runs: [] }),
        verify: () => ({
          ...{ share: older, ok: true, recoverable: true, heldByNobody: 0, shards: [] },
        }),
      });
      assert.equal((await runCli([verb, 'model.bin', '--version', '1'], client)).code, 0, verb);
      assert.deepEqual(client.params('find'), { share: 'model.bin', version: '1' });
      const method = verb === 'cat' ? 'read' : verb;
      assert.equal((client.params(method) as { share: string }).share, older.shareId, verb);
    }
  });

  it('serve keeps what it is told to lend and to keep', async () => {
    const told: unknown[] = [];
    const run = async (...args: readonly string[]): Promise<number> => {
      const outcome = await runCli(['serve', ...args], new FakeClient({}), {
        runServe: ({ settings }) => {
          told.push(settings);
          return Promise.resolve();
        },
      });
      return outcome.code;
    };
    await run();
    await run('--lend', '10GiB', '--keep-versions', '3', '--keep-days', '0');
    await run('--lend', 'unlimited');
    assert.deepEqual(told, [
      {},
      { lend: 10 * 2 ** 30, versions: 3, versionDays: 0 },
      { lend: null },
    ]);
    for (const args of [
      ['--lend', 'much'],
      ['--lend', '-1'],
      ['--keep-versions', '0'],
      ['--keep-days', '1.5'],
    ]) {
      assert.equal(await run(...args), 2, args.join(' '));
    }
  });

  it('peers and status say what is lent, and of how much', async () => {
    const peers = [
      peer({ name: 'bob', space: { lends: 10_737_418_240, used: 1_500_000 } }),
      peer({ name: 'carol', space: { lends: null, used: 0 } }),
      peer({ name: 'dave', state: 'offline' }),
    ];
    const { stdout } = await runCli(['peers'], new FakeClient({ peers: () => ({ peers }) }));
    assert.match(stdout, /^bob .* 1\.5 MB of 10\.7 GB +member/m);
    assert.match(stdout, /^carol .* 0 B +member/m);
    assert.match(stdout, /^dave .* – +member/m);
    const told = await runCli(['status'], new FakeClient({}));
    assert.match(told.stdout, /^lent to others +1\.2 MB$/m);
  });

  it('verify exits with 5 on damage, 4 when only somebody was not reached, and says whose word it is', async () => {
    const report = { nodeId: 'n', name: 'bob', shard: 1, chunksChecked: 100, problem: null };
    const facts = { share, ok: false, recoverable: true, heldByNobody: 0 };
    const outcomes: VerifyResult[] = [
      { ...facts, ok: true, shards: [{ ...report, status: 'ok', badChunks: [] }] },
      {
        ...facts,
        shards: [{ ...report, status: 'damaged', badChunks: [107, 105, 106, 110] }],
      },
      { ...facts, shards: [{ ...report, status: 'unreachable', badChunks: [] }] },
      {
        ...{ ...facts, recoverable: false, heldByNobody: 3 },
        shards: [{ ...report, status: 'ok', badChunks: [] }],
      },
    ];
    const results = [];
    for (const outcome of outcomes) {
      results.push(await runCli(['verify', 'x'], new FakeClient({ verify: () => outcome })));
    }
    assert.deepEqual(
      results.map((result) => result.code),
      [0, 5, 4, 4],
    );
    assert.match(
      results[3]?.stdout ?? '',
      /cannot be fetched now\. Nobody holds 3 of its \d+ shards\.$/m,
    );
    assert.match(results[1]?.stdout ?? '', /^bob +1 +DAMAGED +100 +bad chunks: 105–107, 110$/m);
    for (const result of results) assert.match(result.stdout, /reported/);
  });

  it('verify without a file is about all: a row for each that is not whole, damage counting most', async () => {
    const facts = { shareId: share.shareId, name: 'a\u202e.bin', kind: 'file' } as const;
    const away = {
      ...{ ...facts, recoverable: true, onlyUnreachable: true, heldByNobody: 0 },
      holders: ['bob'],
    };
    const damaged = {
      ...{ ...facts, recoverable: false, onlyUnreachable: false, heldByNobody: 2 },
      holders: ['c', 'd'],
    };
    const outcomes: VerifyAllResult[] = [
      { checked: 0, whole: 0, unsound: [] },
      { checked: 2, whole: 2, unsound: [] },
      { checked: 3, whole: 2, unsound: [away] },
      { checked: 5, whole: 2, unsound: [away, damaged] },
    ];
    const told = [];
    for (const outcome of outcomes) {
      told.push(await runCli(['verify'], new FakeClient({ verifyAll: () => outcome })));
    }
    assert.deepEqual(
      told.map(({ code }) => code),
      [0, 0, 4, 5],
    );
    assert.match(told[1]?.stdout ?? '', /^All 2 whole, as reported by the holders just now\.$/m);
    const last = told[3]?.stdout ?? '';
    assert.match(last, /^a\\u\{202e\}\.bin +\w+ +not reached +yes +bob$/m);
    assert.match(last, /^a\\u\{202e\}\.bin +\w+ +DAMAGED +NO +c, d, nobody: 2$/m);
    assert.match(last, /^and 1 more\n\n2 of 5 whole/m);
    assert.equal((await runCli(['verify', '--version', '1'], new FakeClient({}))).code, 2);
  });

  it('share --to names who holds it first, each once, and an unknown one shares nothing', async () => {
    const shared: ShareResult = { share, git: null, missing: [], warnings: [], ignored: 0 };
    const ids: Readonly<Record<string, string>> = { bob: 'b'.repeat(64), carol: 'c'.repeat(64) };
    const client = new FakeClient({
      share: () => shared,
      findPeer: ({ peer: name }) => {
        const nodeId = ids[name === 'bbbbbb' ? 'bob' : name];
        if (nodeId === undefined) throw new PeerError('not-found', `No peer is ${name}.`);
        return peer({ nodeId });
      },
    });
    const to = ['--to', 'bob', '--to', 'carol', '--to', 'bbbbbb'];
    assert.equal((await runCli(['share', 'x', ...to], client)).code, 0);
    const { holders } = client.params('share') as { holders?: readonly string[] };
    assert.deepEqual(holders, [ids['bob'], ids['carol']]);
    const before = client.asked.length;
    assert.equal((await runCli(['share', 'x', '--to', 'eve'], client)).code, 3);
    assert.ok(!client.asked.slice(before).some(({ method }) => method === 'share'));
  });

  it('repair says who has which piece now, and exits with 4 when one is still missing', async () => {
    const made = {
      shard: 1,
      nodeId: 'n',
      name: 'bob\u202e',
      outcome: 'made',
      problem: null,
    } as const;
    const failed = { shard: 2, nodeId: '', name: '', outcome: 'failed', problem: 'No.' } as const;
    const facts = { shareId: share.shareId, name: 'a', kind: 'file', total: 4 } as const;
    const answers: RepairResult[] = [
      { ok: true, shares: [{ ...facts, live: 4, spare: 2, shards: [made] }] },
      { ok: false, shares: [{ ...facts, live: 3, spare: 1, shards: [made, failed] }] },
      { ok: true, shares: [] },
    ];
    const clients = answers.map((answer) => new FakeClient({ repair: () => answer }));
    const [first, second, third] = [
      await runCli(['repair', 'a', '--now'], clients[0] ?? assert.fail()),
      await runCli(['repair', 'a'], clients[1] ?? assert.fail()),
      await runCli(['repair'], clients[2] ?? assert.fail()),
    ];
    assert.deepEqual([first.code, second.code, third.code], [0, 4, 0]);
    const params = clients.map((client) => client.params('repair') as Record<string, unknown>);
    assert.deepEqual(
      params.map(({ share: which, now }) => [which, now]),
      [
        ['a', true],
        ['a', undefined],
        [undefined, undefined],
      ],
    );
    assert.match(first.stdout, /4 of 4 pieces .*survives any 2 leaving/);
    assert.ok(first.stdout.includes('piece 1 was made anew, by bob\\u{202e}'));
    assert.match(second.stdout, /piece 2 is missing: No\./);
    assert.match(third.stdout, /Nothing is missing/);
  });

  it('leave says whether the machine may be switched off, and what would suffer', async () => {
    const one = { shareId: share.shareId, name: 'a', kind: 'file', shard: 1 } as const;
    const stuck: LeaveResult = {
      ...{ safe: false, moved: 2 },
      behind: [{ ...one, spare: -1, problem: 'Nobody took it.' }],
    };
    const client = new FakeClient({ leave: () => stuck, rejoin: () => null });
    const kept = await runCli(['leave'], client);
    const forced = await runCli(['leave', '--force'], new FakeClient({ leave: () => stuck }));
    const gone = await runCli(
      ['leave'],
      new FakeClient({ leave: () => ({ safe: true, moved: 1, behind: [] }) }),
    );
    const undone = await runCli(['leave', '--undo'], client);
    const both = await runCli(['leave', '--undo', '--force'], client);
    assert.deepEqual(
      [kept, forced, gone, undone, both].map(({ code }) => code),
      [4, 0, 0, 0, 2],
    );
    assert.match(kept.stdout, /Not safe to switch off yet/);
    assert.match(kept.stdout, /Without this machine: too many pieces are lost/);
    assert.match(forced.stdout, /has left/);
    assert.match(gone.stdout, /can be switched off/);
  });
});

describe('the target of get', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cli-target-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('is the folder of the caller, a folder that exists, or the path as given', async () => {
    assert.equal(await targetPath(folder, undefined, 'a'), join(folder, 'a'));
    assert.equal(await targetPath(folder, '.', 'a'), join(folder, 'a'));
    assert.equal(await targetPath('/', folder, 'a'), join(folder, 'a'));
    assert.equal(await targetPath(folder, 'b', 'a'), join(folder, 'b'));
  });

  it('never leaves the folder, whatever a share calls itself', async () => {
    for (const name of ['..', '.', '', '../a', 'a/b', 'a\\b', 'a\0']) {
      await assert.rejects(targetPath(folder, undefined, name), (error) =>
        PeerError.is(error, 'integrity'),
      );
    }
  });
});
