import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PeerError } from '../../../src/common/errors.js';
import { isPrivateKey, isSecretName, refuseSecrets } from '../../../src/peer/jobs/secrets.js';
import { readSourceTree } from '../../../src/peer/jobs/sourceTree.js';

describe('what looks like a secret', () => {
  it('is told by its name', () => {
    for (const name of [
      '.env',
      '.env.production',
      '.ENV.local',
      '.envrc',
      'server.pem',
      'Server.PEM',
      'id_rsa',
      'id_ed25519_sk',
      'id_work',
      '.npmrc',
      '.netrc',
      '_netrc',
      'credentials',
      'credentials.json',
      'kubeconfig',
      'vault.kdbx',
      'release.keystore',
    ])
      assert.ok(isSecretName(name), name);
    for (const name of [
      '.env.example',
      '.env.local.sample',
      'environment.ts',
      'id_rsa.pub',
      'id_map.json',
      'pem',
      'my-credentials.md',
      'npmrc',
      '.environment',
    ])
      assert.ok(!isSecretName(name), name);
  });

  it('is told by its first bytes', () => {
    const text = (head: string): Uint8Array => Buffer.from(head);
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = { format: 'pem' } as const;
    const keys = [
      String(privateKey.export({ ...pem, type: 'pkcs8' })),
      String(privateKey.export({ ...pem, type: 'sec1' })),
      '-----BEGIN RSA PRIVATE KEY-----\n',
      '-----BEGIN OPENSSH PRIVATE KEY-----\r\n',
      '-----BEGIN ENCRYPTED PRIVATE KEY-----',
      '-----BEGIN PGP PRIVATE KEY BLOCK-----',
      'PuTTY-User-Key-File-3: ssh-ed25519',
      'AGE-SECRET-KEY-1QQPQY',
    ];
    for (const key of keys) {
      assert.ok(isPrivateKey(text(key)), key);
      assert.ok(isPrivateKey(text(`\ufeff\n${key}`)), key);
      assert.ok(isPrivateKey(text(`# the key of the build server\r\n${key}`)), key);
    }
    for (const other of [
      '',
      String(publicKey.export({ ...pem, type: 'spki' })),
      '-----BEGIN CERTIFICATE-----',
      'Begin with “-----BEGIN PRIVATE KEY-----” and …',
      'ssh-ed25519 AAAA',
    ])
      assert.ok(!isPrivateKey(text(other)), other);
  });

  describe('in what is shared', () => {
    const root = mkdtempSync(join(tmpdir(), 'secrets-'));
    after(() => {
      rmSync(root, { recursive: true });
    });
    const key = '-----BEGIN PRIVATE KEY-----\n'.padEnd(200, 'A');

    function refusal(path: string, ignore = true): PeerError | null {
      const name = path.slice(path.lastIndexOf('/') + 1);
      try {
        refuseSecrets(readSourceTree({ path, name, ignore }));
        return null;
      } catch (error) {
        return PeerError.from(error);
      }
    }

    it('is refused with its path, however deep it lies', () => {
      const folder = join(root, 'deep');
      mkdirSync(join(folder, 'a', 'b'), { recursive: true });
      writeFileSync(join(folder, 'readme.md'), 'x'.repeat(100));
      assert.equal(refusal(folder), null);
      writeFileSync(join(folder, 'a', '.env'), '');
      writeFileSync(join(folder, 'a', 'b', 'notes.txt'), key);
      const error = refusal(folder);
      assert.equal(error?.code, 'secrets');
      assert.deepEqual(error.details, { count: 2, names: ['a/.env', 'a/b/notes.txt'] });
    });

    it('is no matter where .gitignore leaves it out', () => {
      const folder = join(root, 'ignored');
      mkdirSync(folder);
      writeFileSync(join(folder, '.env'), 'PASSWORD=x');
      writeFileSync(join(folder, '.gitignore'), '.env\n');
      assert.equal(refusal(folder), null);
      assert.equal(refusal(folder, false)?.code, 'secrets');
    });

    it('is counted beyond the names that are told', () => {
      const folder = join(root, 'many');
      mkdirSync(folder);
      for (let index = 0; index < 30; index += 1)
        writeFileSync(join(folder, `k${String(index)}.pem`), '');
      const { count, names } = refusal(folder)?.details ?? {};
      assert.equal(count, 30);
      assert.equal((names as string[]).length, 20);
    });

    it('is what a link leads to, whatever the link is called', () => {
      const folder = join(root, 'linked');
      mkdirSync(folder);
      writeFileSync(join(folder, '.env'), 'PASSWORD=x');
      symlinkSync('.env', join(folder, 'notes.txt'));
      assert.deepEqual(refusal(join(folder, 'notes.txt'))?.details?.['names'], ['notes.txt']);
    });

    it('is a file that is shared by itself, too', () => {
      writeFileSync(join(root, 'plain'), key);
      assert.equal(refusal(join(root, 'plain'))?.code, 'secrets');
      writeFileSync(join(root, 'large'), key + 'x'.repeat(70_000));
      assert.equal(refusal(join(root, 'large')), null);
    });
  });
});
