import * as vscode from 'vscode';
import type { Group } from '../groups/group.js';
import { placeForGroup } from '../groups/placeForGroup.js';
import { commandIds } from '../ids.js';
import { groupRow } from '../views/rows.js';
import { noticeText } from '../visibleText.js';
import { askKeepServing } from './askKeepServing.js';
import { askName, askOwnName, textMember } from './askName.js';
import type { MachineCommand } from './command.js';
import { groupOfRow } from './groupFor.js';

/** Founds a group with this machine as its first member and admin: beside others, if it is in one already. */
export const createGroup: MachineCommand = async ({ groups }, argument) => {
  const title = vscode.l10n.t('Create Group');
  const makePlace = await placeForGroup(groups, title, groupOfRow(groups, argument));
  if (makePlace === undefined) return;
  const groupName =
    textMember(argument, 'groupName') ??
    (await askName(title, vscode.l10n.t('Name of the group, such as your team'), ''));
  if (groupName === undefined) return;
  const name = textMember(argument, 'name') ?? (await askOwnName(title));
  if (name === undefined) return;
  const group = await makePlace();
  const client = await group.session.client();
  await client.request('createGroup', { name: name.trim(), groupName: groupName.trim() });
  await group.session.refresh();
  void offerInvite(group);
};

async function offerInvite(group: Group): Promise<void> {
  await askKeepServing();
  const invite = vscode.l10n.t('Invite a Peer…');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('Created the group {0}. Invite the others now.', noticeText(group.name)),
    invite,
  );
  if (answer === invite) {
    await vscode.commands.executeCommand(commandIds.invitePeer, groupRow(group));
  }
}
