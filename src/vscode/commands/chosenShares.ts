import * as vscode from 'vscode';
import type { ControlClient, ListedShare } from '../../control/contract.js';
import { LocalError } from '../errorWords.js';
import { noticeText } from '../visibleText.js';
import { pickShare } from './pickShare.js';
import { selectedRows } from './selectedRows.js';

const deadline = 10_000;

/**
 * The shares that a command is about: the selected rows of the Files view, what was shared from the files that are
 * selected in the Explorer, or what the user picks.
 *
 * @throws {PeerError} `not-found` for a file that was not shared from here
 */
export async function chosenShares(
  client: ControlClient,
  args: readonly unknown[],
  title: string,
): Promise<readonly ListedShare[]> {
  const rows = selectedRows(args, 'file');
  if (rows.length > 0) return rows.map(({ share }) => share);
  const [one, many] = args;
  const chosen: readonly unknown[] = Array.isArray(many) && many.length > 0 ? many : [one];
  const uris = chosen.filter((uri) => uri instanceof vscode.Uri);
  if (uris.length > 0) {
    return Promise.all(uris.map((uri) => sharedFrom(client, uri)));
  }
  const picked = await pickShare(client, one, title);
  return picked === undefined ? [] : [picked];
}

/** The newest version of what this machine shared from there. @throws {PeerError} `not-found` */
async function sharedFrom(
  client: ControlClient,
  { fsPath, path }: vscode.Uri,
): Promise<ListedShare> {
  const signal = AbortSignal.timeout(deadline);
  const { shares } = await client.request('sharesOf', { path: fsPath }, signal);
  const own = shares.find(({ fromHere, entry }) => fromHere && entry === null);
  if (own !== undefined) return own.share;
  const name = noticeText(path.slice(path.lastIndexOf('/') + 1));
  throw new LocalError('not-found', vscode.l10n.t('{0} was not shared from this machine.', name), {
    hint: vscode.l10n.t('Share it first.'),
  });
}
