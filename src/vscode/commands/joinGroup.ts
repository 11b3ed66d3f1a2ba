import * as vscode from 'vscode';
import { looksLikeLink, parseLink } from '../../common/links.js';
import { LocalError } from '../errorWords.js';
import { placeForGroup } from '../groups/placeForGroup.js';
import { noticeText } from '../visibleText.js';
import { askKeepServing } from './askKeepServing.js';
import { askOwnName, textMember } from './askName.js';
import type { MachineCommand } from './command.js';
import { groupOfRow } from './groupFor.js';

const joinDeadline = 60_000;

/**
 * Joins the group that an invite code, or a link with one, names: beside others, if this machine is in one already. The code
 * is a secret: neither logged nor kept.
 */
export const joinGroup: MachineCommand = async ({ groups }, argument) => {
  const title = vscode.l10n.t('Join Group');
  const makePlace = await placeForGroup(groups, title, groupOfRow(groups, argument));
  if (makePlace === undefined) return;
  const given = textMember(argument, 'code') ?? (await askCode(title));
  if (given === undefined) return;
  const code = looksLikeLink(given) ? inviteIn(given) : given;
  const name = textMember(argument, 'name') ?? (await askOwnName(title));
  if (name === undefined) return;
  const { session } = await makePlace();
  const client = await session.client();
  const joined = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Joining the group…'),
      cancellable: true,
    },
    (_progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => {
        abort.abort();
      });
      const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(joinDeadline)]);
      return client.request('join', { code: code.trim(), name: name.trim() }, signal);
    },
  );
  await session.refresh();
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Joined the group {0}.', noticeText(joined.groupName)),
  );
  void askKeepServing();
};

/** The code of an invite link. @throws {PeerError} `usage` */
function inviteIn(text: string): string {
  const link = parseLink(text);
  if (link.kind === 'join') return link.code;
  throw new LocalError(
    'usage',
    vscode.l10n.t('This link names a share, and is no invite. Use “Open Share Link…” for it.'),
  );
}

function askCode(title: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('Invite code or link that a member of the group gave you'),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.trim() === '' ? vscode.l10n.t('Enter an invite code.') : undefined,
  });
}
