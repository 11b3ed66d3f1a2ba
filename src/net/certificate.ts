import { webcrypto, type KeyObject } from 'node:crypto';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Clocks of peers may be wrong by decades, and nothing but the key in a certificate is ever believed. */
const notBefore = new Date(Date.UTC(1970, 0, 1));
const notAfter = new Date(Date.UTC(9999, 11, 31, 23, 59, 59));

/**
 * A self-signed X.509 certificate around a P-256 key: the envelope in which TLS carries the key.
 *
 * @returns PEM
 */
export async function selfSignedCertificate(
  privateKey: KeyObject,
  publicKey: KeyObject,
): Promise<string> {
  // Loaded here only: it is needed once in the life of an identity. It asks for the reflection library.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const { subtle } = webcrypto;
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'CN=chunk-partitioner',
      notBefore,
      notAfter,
      signingAlgorithm: algorithm,
      keys: {
        privateKey: await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
        publicKey: await subtle.importKey('spki', spki, algorithm, true, ['verify']),
      },
    },
    webcrypto,
  );
  return certificate.toString('pem');
}
