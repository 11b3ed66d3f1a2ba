import * as vscode from 'vscode';
import { commandIds } from '../ids.js';
import { noticeText } from '../visibleText.js';
import { askKeepServing } from './askKeepServing.js';
import { askName, askOwnName, textMember } from './askName.js';
import type { Command } from './command.js';
import { requireNoGroup } from './requireNoGroup.js';

/** Founds a group with this machine as its first member and admin. */
export const createGroup: Command = async ({ session }, argument) => {
  const client = await requireNoGroup(session);
  const title = vscode.l10n.t('Create Group');
  const groupName =
    textMember(argument, 'groupName') ??
    (await askName(title, vscode.l10n.t('Name of the group, such as your team'), ''));
  if (groupName === undefined) return;
  const name = textMember(argument, 'name') ?? (await askOwnName(title));
  if (name === undefined) return;
  const created = await client.request('createGroup', {
    name: name.trim(),
    groupName: groupName.trim(),
  });
  await session.refresh();
  void offerInvite(created.groupName);
};

async function offerInvite(groupName: string): Promise<void> {
  await askKeepServing();
  const invite = vscode.l10n.t('Invite a Peer…');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('Created the group {0}. Invite the others now.', noticeText(groupName)),
    invite,
  );
  if (answer === invite) await vscode.commands.executeCommand(commandIds.invitePeer);
}
