import * as vscode from 'vscode';
import type { ControlClient, PeerInfo } from '../../control/contract.js';
import { LocalError } from '../errorWords.js';
import { isRow } from '../views/rows.js';
import { peerTitle, peerWords } from '../views/peerItem.js';
import { pickText } from '../visibleText.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';
import { pickFiles, selectedFiles } from './selectedFiles.js';
import { selectedRows } from './selectedRows.js';
import { shareUris } from './shareUris.js';

/**
 * Shares files with chosen peers first: rows of the Peers view, with the files that were dropped there or are picked; or
 * files of the Explorer, with peers that are picked.
 */
export const shareToPeers: Command = async ({ session }, ...args) => {
  const client = await requireGroup(session);
  const [one, , dropped] = args;
  if (isRow(one, 'peer')) {
    const peers = selectedRows(args, 'peer').map(({ peer }) => peer);
    const chosen = requireOthers(peers);
    const uris = Array.isArray(dropped)
      ? dropped.filter((uri) => uri instanceof vscode.Uri)
      : await pickFiles();
    if (uris !== undefined && uris.length > 0) await shareUris(session, uris, chosen);
    return;
  }
  const uris = await selectedFiles(args);
  if (uris === undefined || uris.length === 0) return;
  const peers = await pickPeers(client);
  if (peers === undefined || peers.length === 0) return;
  await shareUris(session, uris, requireOthers(peers));
};

/** @throws {LocalError} `usage` when nobody is among them who could hold something for this machine */
function requireOthers(peers: readonly PeerInfo[]): readonly string[] {
  const others = peers.filter(
    ({ nodeId, state }) => nodeId !== '' && state !== 'self' && state !== 'removed',
  );
  if (others.length === 0) {
    throw new LocalError(
      'usage',
      vscode.l10n.t('Files are shared with other members of the group.'),
      { hint: vscode.l10n.t('Choose a peer that is online.') },
    );
  }
  return others.map(({ nodeId }) => nodeId);
}

/** Several of those who are online. Undefined when the user leaves. @throws {LocalError} `too-few-peers` */
async function pickPeers(client: ControlClient): Promise<readonly PeerInfo[] | undefined> {
  const { peers } = await client.request('peers', null, AbortSignal.timeout(10_000));
  const items = peers
    .filter(({ state, lost }) => state === 'online' && !lost)
    .map((peer) => ({
      peer,
      label: pickText(peerTitle(peer)),
      description: peerWords({ peer, status: undefined, risk: undefined, now: Date.now() })
        .map(pickText)
        .join(' · '),
    }));
  if (items.length === 0) {
    throw new LocalError(
      'too-few-peers',
      vscode.l10n.t('No other peer of the group can be reached.'),
      { hint: vscode.l10n.t('Start another peer, or invite one.') },
    );
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Share to Chosen Peers'),
    placeHolder: vscode.l10n.t(
      'Who takes its parts first; where they are too few, others take the rest',
    ),
    canPickMany: true,
    matchOnDescription: true,
  });
  return picked?.map(({ peer }) => peer);
}
