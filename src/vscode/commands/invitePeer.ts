import * as vscode from 'vscode';
import { showInvitePicture } from '../links/invitePicture.js';
import { copyInvite, newInvite } from '../links/newInvite.js';
import type { Command } from './command.js';

type Form = 'code' | 'link' | 'picture';

/** Makes a one-time invite and shows its code, once, with buttons for its forms. The code is a secret: never logged. */
export const invitePeer: Command = async ({ session }) => {
  const invite = await newInvite(session);
  const box = vscode.window.createInputBox();
  const button = (icon: string, tooltip: string): vscode.QuickInputButton => ({
    iconPath: new vscode.ThemeIcon(icon),
    tooltip,
  });
  const link = button('link', vscode.l10n.t('Copy as Link'));
  const picture = button('screen-full', vscode.l10n.t('Show as QR Code'));
  box.title = vscode.l10n.t('Invite a Peer');
  box.value = invite.code;
  box.buttons = [button('copy', vscode.l10n.t('Copy')), link, picture];
  box.ignoreFocusOut = true;
  box.prompt = vscode.l10n.t('{0} Enter copies it.', invite.bounds);
  const form = await new Promise<Form | undefined>((resolve) => {
    box.onDidTriggerButton((pressed) => {
      if (pressed === link) resolve('link');
      else resolve(pressed === picture ? 'picture' : 'code');
    });
    box.onDidAccept(() => {
      resolve('code');
    });
    box.onDidHide(() => {
      resolve(undefined);
    });
    box.show();
  });
  box.dispose();
  if (form === 'picture') await showInvitePicture(invite);
  else if (form !== undefined) await copyInvite(form === 'link' ? invite.link : invite.code);
};
