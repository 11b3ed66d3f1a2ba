import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  generateKeyPairSync,
  hkdfSync,
  sign,
  verify,
} from 'node:crypto';
import { PeerError } from '../common/errors.js';

const tests: Readonly<Record<string, () => boolean>> = {
  'SHA-256': () =>
    createHash('sha256').update('abc').digest('hex') ===
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', // FIPS 180-4
  'HMAC-SHA-256': () =>
    createHmac('sha256', Buffer.alloc(20, 0x0b)).update('Hi There').digest('hex') ===
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7', // RFC 4231, case 1
  'HKDF-SHA-256': () =>
    Buffer.from(
      hkdfSync(
        'sha256',
        Buffer.alloc(22, 0x0b),
        Buffer.from('000102030405060708090a0b0c', 'hex'),
        Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex'),
        42,
      ),
    ).toString('hex') ===
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865', // RFC 5869, case 1
  'AES-256-GCM': () => {
    // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 14.
    const cipher = createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
    const sealed = Buffer.concat([cipher.update(Buffer.alloc(16)), cipher.final()]);
    const tag = cipher.getAuthTag();
    const opener = createDecipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
    opener.setAuthTag(tag);
    const opened = Buffer.concat([opener.update(sealed), opener.final()]);
    return (
      sealed.toString('hex') === 'cea7403d4d606b6e074ec5d3baf39d18' &&
      tag.toString('hex') === 'd0d1c8a799996bf0265b98b5d48ab919' &&
      opened.equals(Buffer.alloc(16))
    );
  },
  'ECDSA P-256': () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signature = sign('sha256', Buffer.from('abc'), {
      key: privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    return (
      verify('sha256', Buffer.from('abc'), key, signature) &&
      !verify('sha256', Buffer.from('abd'), key, signature)
    );
  },
  'ECDH P-256': () => {
    const [one, other] = [createECDH('prime256v1'), createECDH('prime256v1')];
    one.generateKeys();
    other.generateKeys();
    return one.computeSecret(other.getPublicKey()).equals(other.computeSecret(one.getPublicKey()));
  },
};

/**
 * Checks against published vectors that the crypto which everything rests on is there and right: VS Code's own
 * Node is built on another library than the one of most tests.
 *
 * @throws {PeerError} `unsupported`, naming what is missing
 */
export function selfTestCrypto(): void {
  const missing = Object.entries(tests)
    .filter(([, test]) => {
      try {
        return !test();
      } catch {
        return true;
      }
    })
    .map(([name]) => name);
  if (missing.length > 0) {
    throw new PeerError(
      'unsupported',
      `This Node lacks what the peer needs: ${missing.join(', ')}.`,
      {
        hint: 'Use a current Node or VS Code.',
      },
    );
  }
}
