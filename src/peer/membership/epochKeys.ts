/**
 * Epoch keys: what seals a share's content key for the group. A key is named by its SHA-256 and travels
 * wrapped to each member: ephemeral ECDH P-256, HKDF-SHA256, AES-256-GCM (nonce 12 ‖ key 32 ‖ tag 16).
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { PeerError } from '../../common/errors.js';

const info = Buffer.from('chunk-partitioner/1/epoch-wrap\0');

export interface WrappedKey {
  readonly epoch: Uint8Array;
  readonly ephemeral: Uint8Array;
  readonly wrapped: Uint8Array;
}

export function newEpochKey(): Uint8Array {
  return randomBytes(32);
}

/** Name of an epoch: SHA-256 of its key, 32 bytes. */
export function epochName(key: Uint8Array): Uint8Array {
  return createHash('sha256').update(key).digest();
}

/** Wraps an epoch key to a member's public ECDH key (65 bytes). @throws PeerError `protocol` for a bad point. */
export function wrapEpochKey(key: Uint8Array, groupId: Uint8Array, to: Uint8Array): WrappedKey {
  const epoch = epochName(key);
  const ephemeral = createECDH('prime256v1');
  const ephemeralPublic = ephemeral.generateKeys();
  let shared: Buffer;
  try {
    shared = ephemeral.computeSecret(to);
  } catch (cause) {
    throw new PeerError('protocol', 'A member offers a public key that is not on the curve.', {
      cause,
    });
  }
  const nonce = randomBytes(12);
  const cipher = createCipheriv(
    'aes-256-gcm',
    wrappingKey(shared, ephemeralPublic, to, groupId, epoch),
    nonce,
  );
  const sealed = Buffer.concat([cipher.update(key), cipher.final()]);
  return {
    epoch,
    ephemeral: ephemeralPublic,
    wrapped: Buffer.concat([nonce, sealed, cipher.getAuthTag()]),
  };
}

/**
 * Opens a key that was wrapped to `own` (65 bytes). `agree` is ECDH with the private half of it.
 *
 * @throws PeerError `integrity` when it was not wrapped to this key, or was changed.
 */
export function unwrapEpochKey(
  { epoch, ephemeral, wrapped }: WrappedKey,
  groupId: Uint8Array,
  own: Uint8Array,
  agree: (peer: Uint8Array) => Uint8Array,
): Uint8Array {
  try {
    const key = wrappingKey(agree(ephemeral), ephemeral, own, groupId, epoch);
    const opener = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, 12), {
      authTagLength: 16, // a shorter one would be taken for whole
    });
    opener.setAuthTag(wrapped.subarray(44, 60));
    const opened = Buffer.concat([opener.update(wrapped.subarray(12, 44)), opener.final()]);
    if (!epochName(opened).every((byte, at) => byte === epoch[at])) {
      throw new PeerError('integrity', 'An epoch key does not have the name it came under.');
    }
    return opened;
  } catch (cause) {
    throw new PeerError('integrity', 'An epoch key could not be opened.', { cause });
  }
}

function wrappingKey(
  shared: Uint8Array,
  ephemeral: Uint8Array,
  to: Uint8Array,
  groupId: Uint8Array,
  epoch: Uint8Array,
): Uint8Array {
  const salt = Buffer.concat([ephemeral, to]);
  return new Uint8Array(
    hkdfSync('sha256', shared, salt, Buffer.concat([info, groupId, epoch]), 32),
  );
}
