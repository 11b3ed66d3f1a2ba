import * as vscode from 'vscode';
import type {
  ControlClient,
  DependentFile,
  LeaveOutlook,
  PeerInfo,
} from '../../control/contract.js';
import { leaveAnswer, type LeaveAnswer } from '../leaveAnswer.js';
import { shareTitle } from '../shareTitle.js';
import { peerTitle, peerWords } from '../views/peerItem.js';
import { isRow } from '../views/rows.js';
import { pickText } from '../visibleText.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';

/** Files that are named. */
const mostFiles = 200;

const icons: Readonly<Record<LeaveAnswer['verdict'], string>> = {
  yes: '$(pass)',
  risky: '$(warning)',
  no: '$(error)',
};

interface AnswerItem extends vscode.QuickPickItem {
  readonly file?: DependentFile;
}

/** Says what would become of the files if a peer left for good, and which of them depend on it. */
export const canPeerLeave: Command = async ({ group, session, views }, chosen) => {
  const client = await requireGroup(session);
  const peer = await pickMember(client, chosen, (nodeId) => group.risks.of(nodeId));
  if (peer === undefined) return;
  const outlook = await client.request(
    'outlook',
    { nodeId: peer.nodeId, limit: mostFiles },
    AbortSignal.timeout(60_000),
  );
  const name = pickText(peerTitle(outlook.peer));
  const picked = await vscode.window.showQuickPick(items(outlook, name), {
    title: vscode.l10n.t('Can {0} leave?', name),
    placeHolder: vscode.l10n.t('Choose a file to find it in the Files view'),
    matchOnDescription: true,
  });
  const title = picked?.file?.name ?? '';
  if (title !== '') views.files.setFilter(title);
};

/** A row of the Peers view, or what the user picks of all members, this machine included. */
async function pickMember(
  client: ControlClient,
  argument: unknown,
  riskOf: (nodeId: string) => Parameters<typeof peerWords>[0]['risk'],
): Promise<PeerInfo | undefined> {
  if (isRow(argument, 'peer') && argument.peer.nodeId !== '') return argument.peer;
  const { peers } = await client.request('peers', null, AbortSignal.timeout(10_000));
  const now = Date.now();
  const members = peers
    .filter(({ nodeId, state }) => nodeId !== '' && state !== 'removed')
    .map((peer) => ({
      peer,
      label: pickText(peerTitle(peer)),
      description: peerWords({ peer, status: undefined, risk: riskOf(peer.nodeId), now })
        .map(pickText)
        .join(' · '),
    }));
  const picked = await vscode.window.showQuickPick(members, {
    title: vscode.l10n.t('Can This Peer Leave?'),
    placeHolder: vscode.l10n.t('Who may be gone for good'),
  });
  return picked?.peer;
}

function items(outlook: LeaveOutlook, name: string): AnswerItem[] {
  const { verdict, answer, reasons } = leaveAnswer(outlook, name);
  const group = (title: string, of: (file: DependentFile) => boolean): AnswerItem[] => {
    const files = outlook.dependent.filter(of);
    if (files.length === 0) return [];
    return [
      { label: title, kind: vscode.QuickPickItemKind.Separator },
      ...files.map((file) => ({
        label: pickText(shareTitle(file)),
        description: fate(file),
        file,
      })),
    ];
  };
  return [
    { label: `${icons[verdict]} ${answer}` },
    ...reasons.map((reason) => ({ label: `$(info) ${reason}` })),
    ...group(vscode.l10n.t('gone with it'), ({ spareWithout }) => spareWithout < 0),
    ...group(vscode.l10n.t('at risk without it'), ({ spareWithout }) => spareWithout === 0),
    ...group(vscode.l10n.t('survive without it'), ({ spareWithout }) => spareWithout > 0),
  ];
}

function fate({ spareWithout }: DependentFile): string {
  if (spareWithout < 0) return vscode.l10n.t('too few parts would be left');
  if (spareWithout === 0) return vscode.l10n.t('one more loss and it is gone');
  return spareWithout === 1
    ? vscode.l10n.t('survives any one leaving')
    : vscode.l10n.t('survives any {0} leaving', spareWithout);
}
