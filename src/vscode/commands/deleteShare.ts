import * as vscode from 'vscode';
import { shareTitle } from '../shareTitle.js';
import { noticeText } from '../visibleText.js';
import type { Command } from './command.js';
import { pickShare } from './pickShare.js';
import { requireGroup } from './requireGroup.js';

/** Ends a share for the whole group, with all its versions, after asking: nobody can undo it. */
export const deleteShare: Command = async ({ session, views }, chosen) => {
  const client = await requireGroup(session);
  const share = await pickShare(client, chosen, vscode.l10n.t('Stop Sharing'));
  if (share === undefined) return;
  const name = noticeText(shareTitle(share));
  const stop = vscode.l10n.t('Stop Sharing');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Stop sharing {0} with the whole group?', name),
    {
      modal: true,
      detail: vscode.l10n.t(
        'It is removed from all peers, with its older versions, and nobody can undo that. What others have downloaded stays with them. Your own file is not touched.',
      ),
    },
    stop,
  );
  if (answer !== stop) return;
  const { warnings } = await client.request(
    'delete',
    { share: share.shareId, versions: true },
    AbortSignal.timeout(30_000),
  );
  views.files.refresh();
  const words = [vscode.l10n.t('{0} is not shared any more.', name), ...warnings.map(noticeText)];
  void vscode.window.showInformationMessage(words.join(' '));
};
