import * as vscode from 'vscode';
import type { ControlClient, PeerInfo } from '../../control/contract.js';
import { isRow } from '../views/rows.js';
import { noticeText, pickText } from '../visibleText.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';

/** Ends the membership of a peer for good, after asking. */
export const removePeer: Command = async ({ session, views }, chosen) => {
  const client = await requireGroup(session);
  const peer = await pickPeer(client, chosen);
  if (peer === undefined) return;
  const name = noticeText(peer.name);
  const remove = vscode.l10n.t('Remove');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Remove {0} from the group, for good?', name),
    {
      modal: true,
      detail: vscode.l10n.t(
        'All others refuse it from now on, and the group gets a new key. It keeps what it has read and stored, and the keys up to now. What is shared from now on it cannot read.',
      ),
    },
    remove,
  );
  if (answer !== remove) return;
  await client.request('remove', { nodeId: peer.nodeId }, AbortSignal.timeout(30_000));
  views.peers.refresh();
  void vscode.window.showInformationMessage(vscode.l10n.t('{0} was removed.', name));
};

/** A row of the Peers view, or what the user picks of those who can be removed. */
async function pickPeer(client: ControlClient, argument: unknown): Promise<PeerInfo | undefined> {
  if (isRow(argument, 'peer') && argument.peer.nodeId !== '') return argument.peer;
  const { peers } = await client.request('peers', null, AbortSignal.timeout(10_000));
  const items = peers
    .filter(({ nodeId, state }) => nodeId !== '' && state !== 'self' && state !== 'removed')
    .map((peer) => ({ peer, label: pickText(peer.name), description: peer.nodeId.slice(0, 16) }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Remove a Peer'),
    placeHolder: vscode.l10n.t('Who is to leave the group'),
  });
  return picked?.peer;
}
