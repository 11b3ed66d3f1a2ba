import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const guardPath = resolve(import.meta.dirname, 'cryptoGuard.cjs');

/** Expressions over `crypto` (node:crypto), `tls`, `key` (random bytes), and what they come to. */
const refused = {
  'a ChaCha20 cipher':
    "crypto.createCipheriv('chacha20-poly1305', key(32), key(12), {authTagLength:16})",
  'a ChaCha20 decipher':
    "crypto.createDecipheriv('chacha20-poly1305', key(32), key(12), {authTagLength:16})",
  'AES-OCB': "crypto.createCipheriv('aes-256-ocb', key(32), key(12), {authTagLength:16})",
  'AES-CCM': "crypto.createCipheriv('aes-256-ccm', key(32), key(12), {authTagLength:16})",
  'SHA-3': "crypto.createHash('sha3-256')",
  BLAKE2: "crypto.createHash('blake2b512')",
  MD5: "crypto.createHash('md5')",
  'a one-shot SHA-3': "crypto.hash('sha3-256', 'x')",
  'HMAC with SHA-3': "crypto.createHmac('sha3-256', 'x')",
  'HKDF with SHA-3': "crypto.hkdfSync('sha3-256', 'x', 'y', 'z', 16)",
  'PBKDF2 with SHA-3': "crypto.pbkdf2Sync('x', 'y', 1, 16, 'sha3-256')",
  'ECDH on secp256k1': "crypto.createECDH('secp256k1')",
  'a secp256k1 key pair': "crypto.generateKeyPairSync('ec', {namedCurve:'secp256k1'})",
  'an Ed448 key pair': "crypto.generateKeyPairSync('ed448')",
  'an X448 key pair': "crypto.generateKeyPairSync('x448')",
  'a DSA key pair': "crypto.generateKeyPairSync('dsa', {modulusLength:2048})",
  'finite-field Diffie-Hellman': 'crypto.createDiffieHellman(512)',
  'a Diffie-Hellman group': "crypto.getDiffieHellman('modp14')",
  'a signature over SHA-3': "crypto.createSign('RSA-SHA3-256')",
  'TLS with a pre-shared key': 'tls.createServer({pskCallback(){}})',
  'TLS with ChaCha20': "tls.createSecureContext({ciphers:'TLS_CHACHA20_POLY1305_SHA256'})",
  'TLS with an Ed25519 key':
    "tls.createSecureContext({key: crypto.generateKeyPairSync('ed25519').privateKey.export({type:'pkcs8',format:'pem'})})",
  'TLS over an unknown curve': "tls.createSecureContext({ecdhCurve:'secp256k1'})",
  'a TLS server by its class': 'new tls.Server({pskCallback(){}})',
  'WebCrypto with SHA-3': "await crypto.webcrypto.subtle.digest('SHA3-256', key(1))",
  'WebCrypto with Ed448': "await crypto.subtle.generateKey('Ed448', true, ['sign'])",
  'WebCrypto import of a ChaCha20 key':
    "await crypto.subtle.importKey('raw-secret', key(32), 'ChaCha20-Poly1305', true, ['encrypt'])",
} as const;

const allowed = {
  'AES-256-GCM': "crypto.createCipheriv('aes-256-gcm', key(32), key(12)).final()",
  'SHA-256': "crypto.createHash('sha256').update('x').digest()",
  'HMAC and HKDF':
    "crypto.createHmac('sha256', 'x').digest(); crypto.hkdfSync('sha256','x','y','z',16)",
  'ECDSA on P-256':
    "const pair = crypto.generateKeyPairSync('ec', {namedCurve:'P-256'});" +
    "const s = crypto.sign('sha256', key(8), {key: pair.privateKey, dsaEncoding:'ieee-p1363'});" +
    'if (s.length !== 64) throw new Error()',
  'ECDH on P-256': "crypto.createECDH('prime256v1').generateKeys()",
  'Ed25519 and X25519':
    "crypto.generateKeyPairSync('ed25519'); crypto.generateKeyPairSync('x25519')",
  'WebCrypto ECDSA':
    "await crypto.subtle.generateKey({name:'ECDSA',namedCurve:'P-256'}, true, ['sign'])",
  'TLS with the suites that Node offers by itself':
    "tls.connect({port: 1, host: '127.0.0.1'}).on('error', () => undefined)",
  'TLS 1.3 with a P-256 key':
    "tls.createServer({minVersion:'TLSv1.3', key: crypto.generateKeyPairSync('ec', {namedCurve:'P-256'}).privateKey.export({type:'pkcs8',format:'pem'})})",
} as const;

/** Runs all expressions in one process, as ES module or CommonJS, on the main thread or in a worker. */
function evaluate(
  kind: 'module' | 'commonjs' | 'worker',
  guarded: boolean,
): Record<string, string> {
  const all = { ...refused, ...allowed };
  const body = Object.entries(all)
    .map(
      ([name, code]) =>
        `try { ${code}; results[${JSON.stringify(name)}] = 'passed' } catch (error) { results[${JSON.stringify(name)}] = error.code ?? error.name }`,
    )
    .join('\n');
  const prelude = 'const results = {}; const key = (n) => crypto.randomBytes(n);';
  const print = 'process.stdout.write(JSON.stringify(results));';
  const commonjs = `const crypto = require('node:crypto'), tls = require('node:tls'); ${prelude} (async () => {${body}\n${print}})()`;
  const source = {
    commonjs,
    module:
      `import * as crypto from 'node:crypto'; import * as tls from 'node:tls'; ` +
      `${prelude} ${body}\n${print}`,
    worker:
      `const { Worker } = require('node:worker_threads');` +
      `new Worker(${JSON.stringify(commonjs)}, { eval: true })`,
  }[kind];
  const run = spawnSync(
    process.execPath,
    [`--input-type=${kind === 'module' ? 'module' : 'commonjs'}`, '-e', source],
    {
      encoding: 'utf8',
      timeout: 60_000,
      env: {
        ...process.env,
        NODE_OPTIONS: guarded ? `--require ${JSON.stringify(guardPath)}` : '',
      },
    },
  );
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as Record<string, string>;
}

describe('the crypto guard', () => {
  for (const kind of ['module', 'commonjs', 'worker'] as const) {
    it(`refuses what the desktop lacks and nothing else (${kind})`, () => {
      const results = evaluate(kind, true);
      const expected = Object.fromEntries([
        ...Object.keys(refused).map((name) => [name, 'ERR_CRYPTO_GUARD']),
        ...Object.keys(allowed).map((name) => [name, 'passed']),
      ]) as Record<string, string>;
      assert.deepEqual(results, expected);
    }).timeout(60_000);
  }

  it('is what refuses: without it most of that works here', () => {
    const results = evaluate('commonjs', false);
    const passed = Object.keys(refused).filter((name) => results[name] === 'passed');
    assert.ok(passed.length >= 20, `only ${passed.join(', ')}`);
  }).timeout(60_000);
});
