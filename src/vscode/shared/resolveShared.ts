import type { ControlClient, ShareInfo } from '../../control/contract.js';
import { PeerError } from '../../common/errors.js';
import { entryOf } from './readShared.js';
import { fileOfShare, type SharedFile, type SharedFolder } from './sharedFile.js';
import { nameInUri, type SharedPlace } from './sharedUri.js';

/** What an address leads to. `above` is the place that has the share as its only entry. */
export type Resolved =
  | { readonly kind: 'file'; readonly file: SharedFile }
  | { readonly kind: 'folder'; readonly folder: SharedFolder; readonly mtimeMs: number }
  /** A link in a folder: it is shown, and leads nowhere. */
  | { readonly kind: 'link'; readonly share: ShareInfo; readonly mtimeMs: number }
  | { readonly kind: 'above'; readonly share: ShareInfo };

/** @throws {PeerError} `not-found`; what the peer throws */
export async function resolveShared(
  client: ControlClient,
  { shareId, names }: SharedPlace,
  signal: AbortSignal,
): Promise<Resolved> {
  const share = await client.request('find', { share: shareId }, signal);
  const [name, ...below] = names;
  // A name can look like an id: only the share of that id is meant.
  if (share.shareId !== shareId) throw gone();
  if (name === undefined) return { kind: 'above', share };
  if (name !== nameInUri(share.name)) throw gone();
  if (share.kind === 'file') {
    if (below.length > 0) throw gone();
    return { kind: 'file', file: fileOfShare(share) };
  }
  const path = below.join('/');
  if (path === '')
    return { kind: 'folder', folder: { share, under: '' }, mtimeMs: share.createdAt };
  const entry = await entryOf(client, shareId, path, signal);
  if (entry === null) throw gone();
  const { kind, size, sha256, mtimeMs } = entry;
  if (kind === 'symlink') return { kind: 'link', share, mtimeMs };
  if (kind === 'dir') return { kind: 'folder', folder: { share, under: path }, mtimeMs };
  return { kind: 'file', file: { share, entry: path, size, sha256, mtimeMs } };
}

function gone(): PeerError {
  return new PeerError('not-found', 'There is no such shared file.');
}
