import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PeerError } from '../../src/common/errors.js';
import { loadIdentity, loadOrCreateIdentity } from '../../src/net/identity.js';
import { newIdentity, withFolder } from './identities.js';

describe('identity', () => {
  it('is made once, kept, and readable by its owner only', async () => {
    await withFolder(async (folder) => {
      const dataDir = path.join(folder, 'new');
      const made = await loadOrCreateIdentity(dataDir);
      const file = path.join(dataDir, 'identity.json');
      await chmod(file, 0o644);
      const loaded = await loadIdentity(dataDir);
      assert.equal(loaded.nodeId, made.nodeId);
      assert.deepEqual(loaded.ecdhPublic, made.ecdhPublic);
      assert.equal((await loadOrCreateIdentity(dataDir)).nodeId, made.nodeId);
      assert.deepEqual(await readdir(dataDir), ['identity.json']);
      if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600);
    });
  });

  it('is missing in an empty folder', async () => {
    await withFolder(async (folder) => {
      await assert.rejects(loadIdentity(folder), (error) => PeerError.is(error, 'no-identity'));
    });
  });

  it('that is damaged is neither used nor replaced, and its key is not in the error', async () => {
    await withFolder(async (folder) => {
      await loadOrCreateIdentity(folder);
      const file = path.join(folder, 'identity.json');
      const text = await readFile(file, 'utf8');
      const { signing, agreement } = JSON.parse(text) as { signing: string; agreement: string };
      const other = await newIdentity();
      const damaged = [
        '',
        text.slice(0, 200),
        text.replace('"format": 1', '"format": 2'),
        text.replace('PRIVATE', 'PUBLIC'),
        JSON.stringify({ format: 1, signing, agreement, certificate: other.certificate }),
        JSON.stringify({ format: 1, signing, agreement: '00'.repeat(32), certificate: 'x' }),
      ];
      for (const content of damaged) {
        await writeFile(file, content);
        await assert.rejects(loadOrCreateIdentity(folder), (error) => {
          assert.ok(PeerError.is(error, 'integrity'));
          const shown = JSON.stringify([error.message, error.hint, error.details, error.cause]);
          return !shown.includes(signing.split('\n')[1] ?? '') && !shown.includes(agreement);
        });
        assert.equal(await readFile(file, 'utf8'), content);
      }
    });
  });

  it('is named by the hash of the key that its certificate carries, valid at any time', async () => {
    const { certificate, spki, nodeId } = await newIdentity();
    const x509 = new X509Certificate(certificate);
    assert.deepEqual(new Uint8Array(x509.publicKey.export({ type: 'spki', format: 'der' })), spki);
    assert.equal(createHash('sha256').update(spki).digest('hex'), nodeId);
    assert.ok(new Date(x509.validFrom).getUTCFullYear() <= 1970);
    assert.ok(new Date(x509.validTo).getUTCFullYear() >= 9999);
    assert.equal(x509.subject, 'CN=chunk-partitioner');
  });

  it('signs', async () => {
    const { sign, spki } = await newIdentity();
    const data = Buffer.from('something');
    const signature = sign(data);
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    assert.equal(signature.byteLength, 64);
    assert.ok(verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature));
  });

  it('agrees on a secret with another, and on none with what is no key', async () => {
    const [one, two] = await Promise.all([newIdentity(), newIdentity()]);
    assert.deepEqual(one.agree(two.ecdhPublic), two.agree(one.ecdhPublic));
    assert.equal(one.agree(two.ecdhPublic).byteLength, 32);
    const offCurve = Uint8Array.from(two.ecdhPublic);
    offCurve[64] = (offCurve[64] ?? 0) ^ 1;
    for (const point of [
      offCurve,
      new Uint8Array(65),
      new Uint8Array(0),
      two.ecdhPublic.slice(1),
    ]) {
      assert.throws(
        () => one.agree(point),
        (error) => PeerError.is(error, 'protocol'),
      );
    }
  });
});
