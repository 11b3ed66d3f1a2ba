import * as vscode from 'vscode';
import type { ControlClient, PeerInfo } from '../../control/contract.js';
import { commandIds } from '../ids.js';
import { groupRow, isRow } from '../views/rows.js';
import { noticeText, pickText } from '../visibleText.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';

/** Explains what it means that another identity answers where a peer was, and what can be done. Changes nothing. */
export const reviewPeer: Command = async ({ group, session }, chosen) => {
  const client = await requireGroup(session);
  const peer = isRow(chosen, 'peer') ? chosen.peer : await pickBlocked(client);
  if (peer === undefined) return;
  const name = noticeText(peer.name);
  const retry = vscode.l10n.t('Retry Connections');
  const diagnose = vscode.l10n.t('Diagnose Connections');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'Another identity answers at {0}, where {1} was.',
      noticeText(peer.address),
      name,
    ),
    {
      modal: true,
      detail: vscode.l10n.t(
        'It got nothing from this machine. Either that machine was set up anew, and has to join again with an invite; or the address is another machine’s now; or somebody stands in between. Nothing has to be done: as soon as {0} itself answers, it is connected.',
        name,
      ),
    },
    retry,
    diagnose,
  );
  const row = groupRow(group);
  if (answer === retry) await vscode.commands.executeCommand(commandIds.connectPeers, row);
  if (answer === diagnose) {
    await vscode.commands.executeCommand(commandIds.diagnoseConnections, row);
  }
};

async function pickBlocked(client: ControlClient): Promise<PeerInfo | undefined> {
  const { peers } = await client.request('peers', null, AbortSignal.timeout(10_000));
  const items = peers
    .filter(({ state }) => state === 'blocked')
    .map((peer) => ({ peer, label: pickText(peer.name), description: pickText(peer.address) }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('No peer is blocked: everybody who answers is who it was.'),
    );
    return undefined;
  }
  const title = vscode.l10n.t('Review a Blocked Peer');
  return (await vscode.window.showQuickPick(items, { title }))?.peer;
}
