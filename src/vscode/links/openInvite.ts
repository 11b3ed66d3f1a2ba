import * as vscode from 'vscode';
import type { InviteLink } from '../../common/links.js';
import type { MachineContext } from '../commands/command.js';
import { joinGroup } from '../commands/joinGroup.js';

/** Asks whether to join the group that an invite is for. Nothing is started, or connected to, before the answer. */
export async function openInvite(context: MachineContext, { code }: InviteLink): Promise<void> {
  const join = vscode.l10n.t('Join Group…');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('This link is an invite. Join the group that it is for?'),
    {
      modal: true,
      detail: vscode.l10n.t(
        'This machine then connects to the one that made the invite, and stores pieces of the group’s files. Join only if you know who sent you the link.',
      ),
    },
    join,
  );
  if (answer === join) await joinGroup(context, { code });
}
