import * as vscode from 'vscode';
import type { ControlClient, ListedShare, ShareOfPath } from '../../control/contract.js';
import { LocalError } from '../errorWords.js';
import { formatBytes } from '../format.js';
import { entryOf } from '../shared/readShared.js';
import { fileOfShare, type SharedFile } from '../shared/sharedFile.js';
import { age } from '../views/age.js';
import { noticeText, pickText } from '../visibleText.js';

/** Longest wait for the peer, milliseconds: it may have to fetch what is in a folder. */
const lookMs = 30_000;

/**
 * The newest shared version of a local file: what this machine shared of that path, itself or with a folder around it;
 * else what others shared under its name, of which the user picks one where there are several. Undefined when he picks
 * none.
 *
 * @throws {PeerError} `not-found` when nobody has shared it
 */
export async function sharedVersionOf(
  client: ControlClient,
  local: vscode.Uri,
): Promise<SharedFile | undefined> {
  const { shares } = await client.request('sharesOf', { path: local.fsPath }, deadline());
  for (const one of shares.filter(({ fromHere }) => fromHere)) {
    const file = await fileAt(client, one);
    if (file !== null) return file;
  }
  const others = shares.filter(({ fromHere }) => !fromHere);
  const [only] = others;
  if (only === undefined) {
    const name = local.path.slice(local.path.lastIndexOf('/') + 1);
    throw new LocalError(
      'not-found',
      vscode.l10n.t('Nobody has shared {0} with this group.', noticeText(name)),
    );
  }
  const chosen = others.length === 1 ? only.share : await pickListed(others.map((o) => o.share));
  if (chosen === undefined) return undefined;
  return (await fileAt(client, { share: chosen, entry: null })) ?? undefined;
}

/** One of the older versions of a shared file. Undefined when the user picks none. @throws {PeerError} `not-found` */
export async function olderVersionOf(
  client: ControlClient,
  { share, entry }: SharedFile,
): Promise<SharedFile | undefined> {
  const { versions } = await client.request('versions', { share: share.shareId }, deadline());
  const newest = versions[0]?.shareId;
  const older = versions.filter(({ shareId }) => shareId !== newest);
  if (older.length === 0) {
    throw new LocalError(
      'not-found',
      vscode.l10n.t('There is no older version of {0}.', noticeText(share.name)),
    );
  }
  const chosen = await pickListed(older);
  if (chosen === undefined) return undefined;
  const file = await fileAt(client, { share: chosen, entry });
  if (file !== null) return file;
  throw new LocalError('not-found', vscode.l10n.t('That version has no such file.'));
}

/** The file of a share; null where a folder does not have it (any more). */
async function fileAt(
  client: ControlClient,
  { share: { shareId }, entry: path }: Pick<ShareOfPath, 'share' | 'entry'>,
): Promise<SharedFile | null> {
  const share = await client.request('find', { share: shareId }, deadline());
  if (share.shareId !== shareId) return null;
  if (path === null) return share.kind === 'file' ? fileOfShare(share) : null;
  const entry = await entryOf(client, shareId, path, deadline());
  if (entry?.kind !== 'file') return null;
  const { size, sha256, mtimeMs } = entry;
  return { share, entry: path, size, sha256, mtimeMs };
}

async function pickListed(shares: readonly ListedShare[]): Promise<ListedShare | undefined> {
  const picked = await vscode.window.showQuickPick(
    shares.map((share) => ({
      share,
      label: `${pickText(share.authorName)} · ${age(share.createdAt, Date.now())}`,
      description: formatBytes(share.size),
      detail: new Date(share.createdAt).toLocaleString(vscode.env.language),
    })),
    { title: vscode.l10n.t('Which version?'), matchOnDetail: true },
  );
  return picked?.share;
}

function deadline(): AbortSignal {
  return AbortSignal.timeout(lookMs);
}
