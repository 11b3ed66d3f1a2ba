/**
 * Makes every algorithm throw that the desktop's BoringSSL lacks or cannot be relied on for, in
 * node:crypto, WebCrypto and node:tls. Load it with `node --require`, or NODE_OPTIONS, in every process
 * of a test: what passes with it does not owe that to OpenSSL. An allow list, so that what nobody
 * thought of throws too.
 */
'use strict';

const crypto = require('node:crypto');
const tls = require('node:tls');
const { syncBuiltinESMExports } = require('node:module');

const marker = Symbol.for('chunk-partitioner.cryptoGuard');

const ciphers = /^(?:id-)?aes-?(?:128|192|256)-(?:gcm|ctr|cbc)$/i;
const hashes = /^(?:rsa-)?sha-?(?:1|224|256|384|512)$/i;
const curves = /^(?:p-256|p-384|p-521|prime256v1|secp384r1|secp521r1)$/i;
/** Kinds of key by what may be done with them; `ec` keys are looked at by curve as well. */
const signing = new Set(['ec', 'ed25519', 'rsa']);
const agreeing = new Set(['ec', 'x25519']);
const tlsKeys = new Set(['ec', 'rsa']);

class GuardError extends Error {
  constructor(what) {
    super(`crypto guard: ${what} is not to be had on the desktop (BoringSSL)`);
    this.name = 'CryptoGuardError';
    this.code = 'ERR_CRYPTO_GUARD';
  }
}

function refuse(what) {
  throw new GuardError(what);
}

function allow(pattern, value, what) {
  if (typeof value !== 'string' || !pattern.test(value)) refuse(`${what} ${String(value)}`);
}

/** Replaces a function by one that looks at the arguments first. */
function guard(target, name, check) {
  const original = target[name];
  if (typeof original !== 'function') return;
  const wrapper = {
    [name](...args) {
      check(...args);
      return Reflect.apply(original, this, args);
    },
  }[name];
  Object.defineProperty(target, name, {
    value: wrapper,
    writable: true,
    configurable: true,
    enumerable: Object.prototype.propertyIsEnumerable.call(target, name),
  });
}

function checkKeyType(type, details, allowed, what) {
  if (!allowed.has(type)) refuse(`${what} ${String(type)}`);
  if (type === 'ec') allow(curves, details?.namedCurve, `${what} on curve`);
}

function checkKeyObject(key, allowed, what) {
  let object = key;
  if (!(object instanceof crypto.KeyObject)) {
    const input = key?.key instanceof crypto.KeyObject ? key.key : key;
    object = input instanceof crypto.KeyObject ? input : parseKey(input);
  }
  if (object && object.type !== 'secret') {
    checkKeyType(object.asymmetricKeyType, object.asymmetricKeyDetails, allowed, what);
  }
}

const createPrivateKey = crypto.createPrivateKey;
const createPublicKey = crypto.createPublicKey;

/** The key in PEM, DER or JWK; undefined when it is none: then the real function says so. */
function parseKey(input) {
  for (const parse of [createPrivateKey, createPublicKey]) {
    try {
      return parse(input);
    } catch {
      // not of this kind
    }
  }
  return undefined;
}

function guardNodeCrypto() {
  for (const name of ['createCipheriv', 'createDecipheriv']) {
    guard(crypto, name, (algorithm) => allow(ciphers, algorithm, 'cipher'));
  }
  for (const name of ['createHash', 'createHmac', 'hash']) {
    guard(crypto, name, (algorithm) => allow(hashes, algorithm, 'hash'));
  }
  for (const name of ['hkdf', 'hkdfSync']) {
    guard(crypto, name, (algorithm) => allow(hashes, algorithm, 'HKDF with'));
  }
  for (const name of ['pbkdf2', 'pbkdf2Sync']) {
    guard(crypto, name, (...args) => allow(hashes, args[4], 'PBKDF2 with'));
  }
  for (const name of ['createSign', 'createVerify']) {
    guard(crypto, name, (algorithm) => allow(hashes, algorithm, 'signature with'));
  }
  for (const name of ['sign', 'verify']) {
    guard(crypto, name, (algorithm, _data, key) => {
      if (algorithm !== null && algorithm !== undefined) allow(hashes, algorithm, 'signature with');
      checkKeyObject(key, signing, 'signature');
    });
  }
  guard(crypto, 'createECDH', (curve) => allow(curves, curve, 'ECDH on'));
  guard(crypto, 'diffieHellman', (options) => {
    checkKeyObject(options?.privateKey, agreeing, 'key agreement');
  });
  for (const name of ['generateKeyPair', 'generateKeyPairSync']) {
    guard(crypto, name, (type, options) => {
      if (type === 'rsa') return;
      const kinds = new Set([...signing, ...agreeing]);
      checkKeyType(type, options, kinds, 'key pair');
    });
  }
  for (const name of [
    'createDiffieHellman',
    'createDiffieHellmanGroup',
    'getDiffieHellman',
    'argon2',
    'argon2Sync',
    'encapsulate',
    'decapsulate',
  ]) {
    guard(crypto, name, () => refuse(name));
  }
}

const subtleNames =
  /^(?:AES-(?:GCM|CTR|CBC)|SHA-(?:1|256|384|512)|HMAC|HKDF|PBKDF2|ECDSA|ECDH|Ed25519|X25519|RSA-PSS|RSA-OAEP|RSASSA-PKCS1-v1_5)$/i;

function checkSubtle(algorithm) {
  const name = typeof algorithm === 'string' ? algorithm : algorithm?.name;
  allow(subtleNames, name, 'WebCrypto algorithm');
  if (typeof algorithm !== 'object' || algorithm === null) return;
  if (algorithm.namedCurve !== undefined) allow(curves, algorithm.namedCurve, 'curve');
  const hash = typeof algorithm.hash === 'object' ? algorithm.hash?.name : algorithm.hash;
  if (hash !== undefined) allow(hashes, hash, 'hash');
}

function guardWebCrypto() {
  const prototype = Object.getPrototypeOf(crypto.webcrypto.subtle);
  const places = {
    digest: 0,
    encrypt: 0,
    decrypt: 0,
    sign: 0,
    verify: 0,
    generateKey: 0,
    deriveBits: 0,
    deriveKey: 0,
    importKey: 2,
    encapsulateKey: 0,
    encapsulateBits: 0,
    decapsulateKey: 0,
    decapsulateBits: 0,
  };
  for (const [name, place] of Object.entries(places)) {
    const original = prototype[name];
    if (typeof original !== 'function') continue;
    prototype[name] = {
      // WebCrypto reports by rejection
      async [name](...args) {
        checkSubtle(args[place]);
        return Reflect.apply(original, this, args);
      },
    }[name];
  }
}

const badSuite = /chacha|ccm|psk|camellia|aria|seed|idea|rc4|3des|(?:^|[:-])dhe?-|srp/i;

function checkTlsOptions(options) {
  if (typeof options !== 'object' || options === null) return;
  if (options.pskCallback !== undefined) refuse('TLS with a pre-shared key');
  if (options.dhparam !== undefined) refuse('TLS with finite-field Diffie-Hellman');
  // Node fills in its own default list, which is another one on the desktop: nobody chose it.
  const chosen = options.ciphers === tls.DEFAULT_CIPHERS ? '' : String(options.ciphers ?? '');
  for (const suite of chosen.split(':')) {
    if (!suite.startsWith('!') && badSuite.test(suite)) refuse(`TLS suite ${suite}`);
  }
  if (typeof options.ecdhCurve === 'string' && options.ecdhCurve !== 'auto') {
    for (const curve of options.ecdhCurve.split(':')) {
      if (!/^x25519$/i.test(curve)) allow(curves, curve, 'TLS curve');
    }
  }
  const passphrase = options.passphrase;
  for (const item of [options.key].flat()) {
    if (item === undefined || item === null) continue;
    const pem = item.pem ?? item;
    checkKeyObject({ key: pem, passphrase: item.passphrase ?? passphrase }, tlsKeys, 'TLS key');
  }
  for (const pem of [options.cert].flat()) {
    if (pem === undefined || pem === null) continue;
    const { publicKey } = new crypto.X509Certificate(pem);
    checkKeyType(
      publicKey.asymmetricKeyType,
      publicKey.asymmetricKeyDetails,
      tlsKeys,
      'certificate',
    );
  }
}

function guardTls() {
  for (const name of ['createSecureContext', 'createServer', 'connect']) {
    guard(tls, name, (...args) => {
      for (const argument of args) checkTlsOptions(argument);
    });
  }
  const { Server, SecureContext } = tls;
  for (const [name, Original] of Object.entries({ Server, SecureContext })) {
    if (typeof Original !== 'function') continue;
    tls[name] = new Proxy(Original, {
      apply(target, self, args) {
        checkTlsOptions(args[0]);
        return Reflect.apply(target, self, args);
      },
      construct(target, args, newTarget) {
        checkTlsOptions(args[0]);
        return Reflect.construct(target, args, newTarget);
      },
    });
  }
}

if (!globalThis[marker]) {
  Object.defineProperty(globalThis, marker, { value: true });
  guardNodeCrypto();
  guardWebCrypto();
  guardTls();
  // `import { createHash } from 'node:crypto'` sees a copy of the exports: it is refreshed here.
  syncBuiltinESMExports();
}
