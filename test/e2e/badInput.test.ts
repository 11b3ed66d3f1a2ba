import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { sixPeers } from './group.js';
import { assertFails, getFile, listedNames, shareFile, shareFiles } from './results.js';
import { runCli, summary } from '../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';

describe('bad input', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let sharer: TestPeer;
  let getter: TestPeer;
  /** A member that never serves. */
  let visitor: TestPeer;

  const file = async (name: string, size = 40_000): Promise<string> => {
    const path = join(group.filesDir, name);
    await writeRandomFile(path, size);
    return path;
  };

  before(async () => {
    group = await sixPeers();
    sharer = group.get(0);
    getter = group.get(5);
    visitor = group.newcomer('visitor');
    await visitor.ok(['join', '-', '--name', 'visitor'], { stdin: await group.invite() });
  });

  afterEach('the peers go on serving', async () => {
    await Promise.all([sharer.ok(['status']), getter.ok(['status'])]);
  });

  describe('of names', () => {
    for (const verb of ['get', 'map', 'verify']) {
      it(`an unknown name: ${verb} exits with 3`, async () => {
        assertFails(await getter.cli([verb, 'nobody-shared-this.bin']), 3, 'not-found');
        assertFails(await getter.cli([verb, '0'.repeat(32)]), 3, 'not-found');
      });
    }

    it('two files of one base name are both kept; the name lists both with their ids, exit 2', async () => {
      await mkdir(join(group.filesDir, 'a'));
      await mkdir(join(group.filesDir, 'b'));
      const sources = [await file('a/notes.txt'), await file('b/notes.txt')];
      const shares = await shareFiles(sharer, ...sources);
      await Promise.all(shares.map((share) => getter.lists(share.shareId)));
      const failed = await getter.cli(['get', 'notes.txt', '-o', join(group.root, 'notes')]);
      assertFails(failed, 2, 'ambiguous');
      const { choices } = failed.last['details'] as { choices: { shareId: string }[] };
      assert.deepEqual(
        choices.map((choice) => choice.shareId).sort(),
        shares.map((share) => share.shareId).sort(),
      );
      const human = await runCli(['map', 'notes.txt', '--data-dir', getter.dataDir]);
      assert.equal(human.code, 2);
      for (const share of shares) assert.ok(human.stderr.includes(share.shareId));
      for (const [index, share] of shares.entries()) {
        const target = join(group.root, `notes-${String(index)}`);
        await getFile(getter, share.shareId.slice(0, 12), target);
        assert.equal(await sha256File(target), await sha256File(sources[index] ?? ''));
      }
    });

    it('versions of one file by one author are no choice: the newest is meant', async () => {
      const path = await file('versions.txt');
      const old = await shareFile(sharer, path);
      await writeRandomFile(path, 50_000);
      const fresh = await shareFile(sharer, path);
      await getter.lists(fresh.shareId);
      const target = join(group.root, 'versions.txt');
      const got = await getFile(getter, 'versions.txt', target);
      assert.equal(got.share.shareId, fresh.shareId);
      assert.notEqual(old.shareId, fresh.shareId);
      assert.equal(await sha256File(target), await sha256File(path));
    });

    it('a name that a shell or an interpreter would run is only a name', async () => {
      const name = "$(touch pwned);`touch pwned`;require('fs').writeFileSync('pwned','').js";
      const path = await file(name);
      const share = await shareFile(sharer, path);
      await getter.lists(share.shareId);
      const target = join(group.root, 'harmless');
      await mkdir(target);
      await getter.ok(['get', share.shareId], { cwd: target });
      assert.deepEqual(readdirSync(target), [name]);
      assert.equal(await sha256File(join(target, name)), await sha256File(path));
    });

    it('content that is a program is stored and returned, not run', async () => {
      const path = join(group.filesDir, 'program.js');
      const marker = join(group.root, 'pwned');
      await writeFile(path, `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '')\n`);
      const share = await shareFile(sharer, path);
      await getter.lists(share.shareId);
      await getFile(getter, share.shareId, join(group.root, 'program.js'));
      await getter.ok(['verify', share.shareId]);
      assert.equal(
        await readFile(join(group.root, 'program.js'), 'utf8'),
        await readFile(path, 'utf8'),
      );
      assert.ok(!existsSync(marker));
    });

    it('a name with control characters is refused before anything is sent', async () => {
      const path = await file('bell\u0007\u202etxt');
      const result = await sharer.cli(['share', path]);
      assert.notEqual(result.code, 0);
      assert.equal(result.last.event, 'error');
      const human = await runCli(['share', path, '--data-dir', sharer.dataDir]);
      assert.doesNotMatch(human.stderr.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    });
  });

  describe('of sources', () => {
    it('a file that is not there: exit 3', async () => {
      assertFails(await sharer.cli(['share', join(group.filesDir, 'none')]), 3, 'not-found');
    });

    it('what is neither a file nor a folder: exit 2', async () => {
      assertFails(await sharer.cli(['share', '/dev/null']), 2, 'not-a-file');
    });

    it('one bad file among good ones does not keep the others from being shared, nor mix them', async () => {
      const good = [await file('good-1.bin'), await file('good-2.bin', 70_000)];
      const result = await sharer.cli(['share', good[0] ?? '', group.filesDir, good[1] ?? '']);
      assert.equal(result.code, 2);
      const ids = (result.last['details'] as { shared: string[] }).shared;
      assert.equal(ids.length, 2);
      for (const [index, id] of ids.entries()) {
        await getter.lists(id);
        const target = join(group.root, `good-${String(index)}`);
        await getFile(getter, id, target);
        assert.equal(await sha256File(target), await sha256File(good[index] ?? ''));
      }
    });
  });

  describe('of peers', () => {
    it('a redundancy that needs more peers than there are: exit 4, and nothing is listed', async () => {
      const path = await file('too-wide.bin');
      assertFails(await sharer.cli(['share', path, '--redundancy', '10+10']), 4, 'too-few-peers');
      assert.ok(!(await listedNames(sharer)).includes('too-wide.bin'));
    });

    it('nobody else at all: exit 4 with what to do', async () => {
      const alone = await TestGroup.start(1);
      try {
        const path = join(alone.filesDir, 'lonely.bin');
        await writeRandomFile(path, 1000);
        const result = await alone.get(0).cli(['share', path]);
        assertFails(result, 4, 'too-few-peers');
        assert.match(String(result.last['hint']), /invite/i);
        assert.deepEqual(await listedNames(alone.get(0)), []);
      } finally {
        await alone.dispose();
      }
    });

    it('a holder that stops answering does not keep a file from arriving', async () => {
      const path = await file('patience.bin', 20 << 20);
      const share = await shareFile(sharer, path);
      await getter.lists(share.shareId);
      const silent = group.peers.find(
        (peer) =>
          peer !== getter &&
          peer !== sharer &&
          share.holders.some((holder) => holder.name === peer.name),
      );
      assert.ok(silent);
      silent.signal('SIGSTOP');
      try {
        const target = join(group.root, 'patience');
        await getFile(getter, share.shareId, target);
        assert.equal(await sha256File(target), await sha256File(path));
      } finally {
        silent.signal('SIGCONT');
      }
    });

    it('configured addresses that answer garbage, or nothing, or not at all, are reported and left alone', async () => {
      const silence = await listen(() => undefined);
      const garbage = await listen((socket) => socket.write(randomBytes(100_000)));
      const client = await getter.client();
      try {
        await client.request('configure', {
          peers: [silence.address, garbage.address, '127.0.0.1:1'],
        });
        const { peers } = await client.request('connect', null);
        for (const address of [silence.address, garbage.address, '127.0.0.1:1']) {
          const entry = peers.find((peer) => peer.address === address);
          assert.equal(entry?.state, 'unknown', address);
          assert.ok((entry.problem ?? '').length > 5, address);
        }
        const path = await file('meanwhile.bin');
        const share = await shareFile(getter, path);
        await sharer.lists(share.shareId);
        await getFile(sharer, share.shareId, join(group.root, 'meanwhile'));
      } finally {
        await client.request('configure', { peers: [] });
        silence.close();
        garbage.close();
      }
    });
  });

  describe('of targets', () => {
    it('a file that exists: exit 7, untouched; replaced with --force', async () => {
      const path = await file('wanted.bin');
      const share = await shareFile(sharer, path);
      await getter.lists(share.shareId);
      const target = join(group.root, 'taken.bin');
      await writeFile(target, 'mine');
      assertFails(await getter.cli(['get', share.shareId, '-o', target]), 7, 'exists');
      assert.equal(await readFile(target, 'utf8'), 'mine');
      await getFile(getter, share.shareId, target, '--force');
      assert.equal(await sha256File(target), await sha256File(path));
    });

    it('a folder that is not there, or a file where a folder should be: an error, and nothing is left', async () => {
      const share = await shareFile(sharer, await file('homeless.bin'));
      await getter.lists(share.shareId);
      const blocker = join(group.root, 'blocker');
      await writeFile(blocker, 'x');
      const before = readdirSync(group.root);
      for (const target of [join(group.root, 'none', 'x'), join(blocker, 'x')]) {
        const result = await getter.cli(['get', share.shareId, '-o', target]);
        assert.notEqual(result.code, 0);
        assert.equal(result.last.event, 'error', summary(result));
        assert.ok(['not-found', 'disk'].includes(String(result.last['code'])), summary(result));
      }
      assert.deepEqual(readdirSync(group.root), before);
    });
  });

  it('a peer that is not running is started for the time of the call', async () => {
    const path = await file('for-visitors.bin');
    const share = await shareFile(sharer, path);
    const target = join(group.root, 'for-visitors');
    await visitor.ok(['get', share.shareId, '-o', target]);
    assert.equal(await sha256File(target), await sha256File(path));
  });

  it('one data directory never runs twice', async () => {
    const result = await sharer.cli(['serve', '--listen', '127.0.0.1:0']);
    assertFails(result, 1, 'in-use');
  });

  it('init and join where a group is already: exit 7; where a peer runs: in use', async () => {
    const idle = group.newcomer('idle');
    await idle.ok(['init']);
    assertFails(await idle.cli(['init']), 7, 'already-in-group');
    const code = await group.invite();
    assertFails(await idle.cli(['join', '-'], { stdin: code }), 7, 'already-in-group');
    assertFails(await sharer.cli(['join', '-'], { stdin: code }), 1, 'in-use');
  });
});

/** A TCP server that is no peer. */
async function listen(
  onSocket: (socket: Socket) => void,
): Promise<{ readonly address: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
