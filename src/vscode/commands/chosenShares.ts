import * as vscode from 'vscode';
import type { ControlClient, ShareInfo } from '../../control/contract.js';
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
): Promise<readonly ShareInfo[]> {
  const rows = selectedRows(args, 'file');
  if (rows.length > 0) return rows.map(({ share }) => share);
  const [one, many] = args;
  const chosen: readonly unknown[] = Array.isArray(many) && many.length > 0 ? many : [one];
  const uris = chosen.filter((uri) => uri instanceof vscode.Uri);
  if (uris.length > 0) {
    return Promise.all(
      uris.map(({ fsPath }) =>
        client.request('sharedFrom', { path: fsPath }, AbortSignal.timeout(deadline)),
      ),
    );
  }
  const picked = await pickShare(client, one, title);
  return picked === undefined ? [] : [picked];
}
