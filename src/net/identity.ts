import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  X509Certificate,
} from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { fromHex } from '../common/bytes.js';
import { PeerError } from '../common/errors.js';
import { selfSignedCertificate } from './certificate.js';

/** The two keys of a peer. The private halves never leave the data directory, where the file has mode 0600. */
export interface Identity {
  /** SHA-256 of `spki`, hex. */
  readonly nodeId: string;
  /** Public signing key, P-256, DER. */
  readonly spki: Uint8Array;
  /** Public key for key agreement: uncompressed P-256 point, 65 bytes. */
  readonly ecdhPublic: Uint8Array;
  /** Self-signed, around the signing key; PEM. */
  readonly certificate: string;
  /** For the TLS context only; PEM. */
  readonly privateKey: string;
  /** ECDSA P-256 with SHA-256: r ‖ s, 64 bytes. */
  sign(data: Uint8Array): Uint8Array;
  /** The secret shared with the owner of an uncompressed P-256 point: 32 bytes. @throws {PeerError} `protocol` */
  agree(peer: Uint8Array): Uint8Array;
}

const fileSchema = z.object({
  format: z.literal(1),
  /** Signing key, PKCS #8 in PEM. */
  signing: z.string(),
  /** Private scalar of the key for agreement, 32 bytes in hex. */
  agreement: z.string().regex(/^[0-9a-f]{64}$/),
  certificate: z.string(),
});
type IdentityFile = z.infer<typeof fileSchema>;

/**
 * The identity of a data directory.
 *
 * @throws {PeerError} `no-identity` when there is none, `integrity` when its file is damaged, `disk`
 */
export async function loadIdentity(dataDir: string): Promise<Identity> {
  const file = fileOf(dataDir);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
    // A restored backup or a careless copy: others must not read it.
    if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) {
      await chmod(file, 0o600);
    }
  } catch (cause) {
    if (!PeerError.is(PeerError.from(cause), 'not-found')) throw PeerError.from(cause);
    throw new PeerError('no-identity', 'This data directory has no identity yet.', {
      hint: 'Create a group, or join one with an invite.',
    });
  }
  try {
    return identityOf(fileSchema.parse(JSON.parse(text)));
  } catch (cause) {
    // The cause stays here: messages of parsers quote what they read, and this is a private key.
    const details = { reason: cause instanceof Error ? cause.name : 'unknown' };
    throw new PeerError('integrity', 'The identity of this data directory is damaged.', {
      details,
      hint: 'Restore identity.json from a backup, or start with a new data directory.',
    });
  }
}

/**
 * The identity of a data directory, made when there is none; durable when the promise resolves. To be called
 * by one process at a time: the owner of the data directory.
 *
 * @throws {PeerError} `integrity`, `disk`, `disk-full`
 */
export async function loadOrCreateIdentity(dataDir: string): Promise<Identity> {
  try {
    return await loadIdentity(dataDir);
  } catch (error) {
    if (!PeerError.is(error, 'no-identity')) throw error;
  }
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await writeDurably(fileOf(dataDir), JSON.stringify(await newIdentity(), null, 2));
  } catch (error) {
    throw PeerError.from(error);
  }
  return await loadIdentity(dataDir);
}

async function newIdentity(): Promise<IdentityFile> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const agreement = createECDH('prime256v1');
  agreement.generateKeys();
  return {
    format: 1,
    signing: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    agreement: agreement.getPrivateKey('hex').padStart(64, '0'),
    certificate: await selfSignedCertificate(privateKey, publicKey),
  };
}

function identityOf(file: IdentityFile): Identity {
  const key = createPrivateKey(file.signing);
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new TypeError('not P-256');
  const spki = new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }));
  if (!new X509Certificate(file.certificate).checkPrivateKey(key)) throw new TypeError('key');
  const agreement = createECDH('prime256v1');
  agreement.setPrivateKey(fromHex(file.agreement));
  return {
    nodeId: createHash('sha256').update(spki).digest('hex'),
    spki,
    ecdhPublic: new Uint8Array(agreement.getPublicKey()),
    certificate: file.certificate,
    privateKey: file.signing,
    sign: (data) => new Uint8Array(sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })),
    agree: (peer) => {
      try {
        if (peer.byteLength !== 65 || peer[0] !== 4) throw new TypeError('not uncompressed');
        return new Uint8Array(agreement.computeSecret(peer));
      } catch (cause) {
        throw new PeerError('protocol', 'This is not a P-256 point.', { cause });
      }
    },
  };
}

function fileOf(dataDir: string): string {
  return path.join(dataDir, 'identity.json');
}

/** Whole or not at all, even when the power fails: the name appears when the bytes are on the disk. */
async function writeDurably(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.chmod(0o600); // a leftover may have another mode
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  if (process.platform === 'win32') return; // folders cannot be synced there
  const folder = await open(path.dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
