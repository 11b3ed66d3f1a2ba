import { closeSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { PeerError } from '../../common/errors.js';
import { secretLimits } from '../limits.js';
import { openFlags } from './sourceReader.js';
import type { SourceTree } from './sourceTree.js';

const { headBytes, leastKeyBytes, mostKeyBytes, named } = secretLimits;

/** Names that are in use for secrets, lower case. */
const names = new Set([
  '.git-credentials',
  '.htpasswd',
  '.netrc',
  '.npmrc',
  '.pgpass',
  '.pypirc',
  '.vault-token',
  '_netrc',
  'credentials',
  'credentials.json',
  'kubeconfig',
]);
const endings = ['.jks', '.kdbx', '.keystore', '.p12', '.pem', '.pfx', '.ppk'];
const environment = /^\.env(?:rc|[._-].*)?$/;
/** Such files are handed round on purpose. */
const example = /[._-](?:example|sample|template|dist|defaults?)$/;
/** As ssh-keygen names keys; the public half is none. */
const sshKey = /^id_[^.]+$/;

const privateKey =
  /^(?:-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----|PuTTY-User-Key-File-\d|AGE-SECRET-KEY-1)/m;

/** Whether a file of this name is usually a secret. @param name without folders */
export function isSecretName(name: string): boolean {
  const lower = name.toLowerCase();
  return (
    names.has(lower) ||
    (environment.test(lower) && !example.test(lower)) ||
    sshKey.test(lower) ||
    endings.some((ending) => lower.endsWith(ending))
  );
}

/** Whether a file begins as private keys do. */
export function isPrivateKey(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  return privateKey.test(text.replace(/^\u00ef\u00bb\u00bf/, '').trimStart());
}

/**
 * Looks at names and first bytes of all files that are about to be shared.
 *
 * @throws PeerError `secrets` when any looks like a secret; `details`: `count`, and `names`, at most 20 paths in the share
 */
export function refuseSecrets({ entries, files }: SourceTree): void {
  const head = Buffer.alloc(headBytes);
  const found: string[] = [];
  let count = 0;
  for (const { entry, path: file, state } of files) {
    const inShare = entries[entry]?.path ?? '';
    // What a link is shared under says nothing of the file that it leads to.
    const isSecret = [inShare, file].some((one) => isSecretName(path.basename(one)));
    if (!isSecret && !beginsAsKey(file, state.size, head)) continue;
    count += 1;
    if (found.length < named) found.push(inShare);
  }
  if (count === 0) return;
  throw new PeerError(
    'secrets',
    count === 1
      ? `“${found[0] ?? ''}” looks like a secret, such as a password or a private key.`
      : `${String(count)} files look like secrets, such as passwords or private keys.`,
    {
      hint: 'Leave out what is secret, by .gitignore for one. If it is meant: “--allow-secrets”.',
      details: { count, names: found },
    },
  );
}

function beginsAsKey(file: string, size: number, head: Buffer): boolean {
  if (size < leastKeyBytes || size > mostKeyBytes) return false;
  const handle = openSync(file, openFlags);
  try {
    return isPrivateKey(head.subarray(0, readSync(handle, head, 0, headBytes, 0)));
  } finally {
    closeSync(handle);
  }
}
