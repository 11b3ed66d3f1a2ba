import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decodeManifest } from '../../src/chunk/manifest.js';
import { openInfo } from '../../src/chunk/sealedInfo.js';
import { readEndpoint } from '../../src/control/endpoint.js';
import { decodeInvite } from '../../src/peer/membership/inviteCode.js';
import { decodeCommitFile } from '../../src/store/commitFile.js';
import { filesBelow } from '../e2e/scan.js';
import type { CliOptions, CliResult } from '../support/cliProcess.js';
import { writeRandomFile } from '../support/files.js';
import { offline } from '../support/offline.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { ended } from '../support/processes.js';

const everyMs = 40;

/** Command lines of all processes that have to do with a folder, as anybody on the machine sees them. */
class CommandLines {
  readonly seen = new Set<string>();
  readonly #timer = setInterval(() => {
    this.#look();
  }, everyMs);

  constructor(private readonly folder: string) {}

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
        if (line.includes(this.folder)) this.seen.add(line);
      } catch {
        // It has ended.
      }
    }
  }
}

/** All ways in which bytes could be written down. */
function spellings(secret: Uint8Array): Buffer[] {
  const bytes = Buffer.from(secret);
  const texts = [
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.join(','),
    JSON.stringify([...bytes]).slice(1, -1),
  ];
  return [bytes, ...texts.map((text) => Buffer.from(text))];
}

/** Where a process can be looked at from outside. */
if (process.platform === 'linux') {
  describe('fault 32: secrets are never in command lines, logs, settings, errors, or in what others can read', function () {
    this.timeout(240_000); // a process for each step
    let group: TestGroup;
    let lines: CommandLines;
    /** What was printed, but for invites where they are asked for. */
    const printed: string[] = [];
    const secrets = new Map<string, Buffer[]>();
    before(async () => {
      group = await TestGroup.start(2, { env: { CHUNK_PARTITIONER_LOG: 'debug' } });
      lines = new CommandLines(group.root);
      const carol = group.newcomer('carol');
      const run = async (
        peer: TestPeer,
        args: readonly string[],
        options: CliOptions = {},
      ): Promise<CliResult> => {
        const result = await peer.cli(args, options);
        printed.push(result.stderr, ...(args[0] === 'invite' ? [] : [result.stdout]));
        return result;
      };
      const invite = async (): Promise<string> => {
        const code = String((await run(group.get(0), ['invite'])).last['code']);
        secrets.set(`invite ${String(secrets.size)}`, [
          Buffer.from(code),
          ...spellings(decodeInvite(code).token),
        ]);
        return code;
      };

      const code = await invite();
      await run(carol, ['join', '-', '--name', 'carol'], { stdin: `${code}\n` });
      group.peers.push(carol);
      await carol.serve();
      await group.get(0).meets([carol]);
      const late = group.newcomer('late');
      // Used, and cut off: what is wrong with it is said without repeating it.
      for (const wrong of [code, code.slice(0, -9)]) {
        await run(late, ['join', '-', '--name', 'late'], { stdin: `${wrong}\n` });
      }
      const file = join(group.filesDir, 'a file');
      await writeRandomFile(file, 700_000);
      const [alice, bob] = [group.get(0), group.get(1)];
      await run(alice, ['share', file, '--redundancy', '1+1']);
      const { shareId } = await (await alice.client()).request('find', { share: 'a file' });
      await bob.lists(shareId);
      await run(bob, ['get', shareId, '-o', join(group.root, 'fetched')]);
      await run(bob, ['get', 'nothing of that name']);
      await run(alice, ['remove', 'carol', '--yes']);
      for (const peer of group.peers) {
        secrets.set(`control of ${peer.name}`, [
          Buffer.from(readEndpoint(peer.dataDir)?.secret ?? assert.fail()),
        ]);
      }
      for (const peer of group.peers) await peer.stop();
      // One more that a client starts in the background, with a log file.
      await run(bob, ['ls']);
      const pid = readEndpoint(bob.dataDir)?.pid;
      if (pid !== undefined) await ended(pid);
      await run(alice, ['serve', '--listen', 'nonsense']);
      lines.stop();
      for (const peer of group.peers) printed.push(peer.log);
      for (const peer of group.peers) await keysOf(peer);
    });
    after(async () => {
      lines.stop();
      await group.dispose();
    });

    const keysOf = async ({ name, dataDir }: TestPeer): Promise<void> => {
      const identity = JSON.parse(readFileSync(join(dataDir, 'identity.json'), 'utf8')) as {
        signing: string;
        agreement: string;
      };
      const der = Buffer.from(identity.signing.replace(/-----[^-]+-----|\s/g, ''), 'base64');
      // PKCS #8 begins alike for everybody: the scalar itself.
      const at = der.indexOf(Buffer.from([0x04, 0x20])) + 2;
      secrets.set(`signing key of ${name}`, [
        ...spellings(der.subarray(at, at + 32)),
        ...identity.signing
          .split('\n')
          .slice(1, 3)
          .map((line) => Buffer.from(line)),
      ]);
      secrets.set(`agreement key of ${name}`, spellings(Buffer.from(identity.agreement, 'hex')));
      await offline({ dataDir }, (membership) => {
        const { all } = membership.roster.epochs;
        for (const epoch of all) {
          const key = membership.epochKey(epoch);
          if (key === undefined) continue;
          secrets.set(`epoch key ${epoch}`, spellings(key));
          for (const commit of filesBelow(dataDir).filter((one) => one.endsWith('.manifest'))) {
            const manifest = decodeManifest(decodeCommitFile(readFileSync(commit)).manifest);
            if (Buffer.from(manifest.epoch).toString('hex') !== epoch) continue;
            secrets.set('content key', spellings(openInfo(manifest, key).contentKey));
          }
        }
      });
    };
    /** Names of the secrets that are found somewhere. */
    const found = (text: string | Buffer): string[] => {
      const bytes = Buffer.from(text);
      return [...secrets]
        .filter(([, ways]) => ways.some((way) => bytes.includes(way)))
        .map(([name]) => name);
    };

    it('there are some of each kind, and each would be found', () => {
      const kinds = [...secrets.keys()].map((name) => name.split(' ')[0]);
      assert.deepEqual(
        new Set(kinds),
        new Set(['invite', 'control', 'signing', 'agreement', 'epoch', 'content']),
      );
      for (const [name, ways] of secrets) {
        for (const way of ways) {
          assert.ok(found(Buffer.concat([Buffer.from('x'), way])).includes(name), name);
        }
      }
    });

    it('not in command lines', () => {
      const seen = [...lines.seen];
      for (const verb of ['serve', 'join', 'invite', 'share', 'get', '--background']) {
        assert.ok(
          seen.some((line) => line.includes(verb)),
          `${verb} was seen`,
        );
      }
      assert.deepEqual(found(seen.join('\n')), []);
    });

    it('not in logs of all levels, nor in what is printed, errors among it', () => {
      const all = printed.join('\n');
      assert.match(all, / debug /);
      assert.match(all, /"event":"error"/);
      assert.deepEqual(found(all), []);
      for (const { dataDir } of group.peers) {
        for (const log of filesBelow(dataDir).filter((file) => file.endsWith('.log'))) {
          assert.deepEqual(found(readFileSync(log)), [], log);
        }
      }
    });

    it('not in settings', () => {
      for (const { dataDir } of group.peers) {
        const database = new DatabaseSync(join(dataDir, 'state.db'), { readOnly: true });
        const rows = database.prepare('SELECT key, value FROM settings').all();
        database.close();
        assert.ok(rows.length > 0);
        assert.deepEqual(found(JSON.stringify(rows)), []);
      }
    });

    it('on the disk only in the files of identity and control channel, which are their user’s alone', () => {
      for (const { dataDir } of group.peers) {
        assert.equal(statSync(dataDir).mode & 0o077, 0);
        for (const file of filesBelow(dataDir)) {
          if (/[/\\](identity|control)\.json$/.test(file)) {
            assert.equal(statSync(file).mode & 0o077, 0, file);
          } else assert.deepEqual(found(readFileSync(file)), [], file);
        }
      }
    });
  });
}
