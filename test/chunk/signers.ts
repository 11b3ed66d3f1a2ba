import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { SignFunction } from '../../src/chunk/signed.js';

export interface Signer {
  readonly publicKey: KeyObject;
  readonly spki: Uint8Array;
  /** SHA-256 of the SPKI. */
  readonly id: Uint8Array;
  readonly sign: SignFunction;
}

export function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  return {
    publicKey,
    spki,
    id: new Uint8Array(createHash('sha256').update(spki).digest()),
    sign: (data) => sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}
