import * as vscode from 'vscode';
import { formatDuration } from '../format.js';
import { noticeText } from '../visibleText.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';

/** Makes a one-time invite and shows its code, once, with a Copy button. The code is a secret: never logged. */
export const invitePeer: Command = async ({ session }) => {
  const client = await requireGroup(session);
  const invite = await client.request('invite', {}, AbortSignal.timeout(15_000));
  const box = vscode.window.createInputBox();
  const copy: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('copy'),
    tooltip: vscode.l10n.t('Copy'),
  };
  box.title = vscode.l10n.t('Invite a Peer');
  box.value = invite.code;
  box.buttons = [copy];
  box.ignoreFocusOut = true;
  box.prompt = vscode.l10n.t(
    'Good for one machine, for {0}, while this one is online at {1}. Enter copies it.',
    formatDuration(invite.expiresAt - Date.now()),
    noticeText(invite.addresses.join(', ')),
  );
  const copied = await new Promise<boolean>((resolve) => {
    box.onDidTriggerButton(() => {
      resolve(true);
    });
    box.onDidAccept(() => {
      resolve(true);
    });
    box.onDidHide(() => {
      resolve(false);
    });
    box.show();
  });
  box.dispose();
  if (!copied) return;
  await vscode.env.clipboard.writeText(invite.code);
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Copied the invite. Give it to one person you trust: it opens the group.'),
  );
};
