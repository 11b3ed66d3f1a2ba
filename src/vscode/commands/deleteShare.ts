import * as vscode from 'vscode';
import { shareTitle } from '../shareTitle.js';
import { noticeText } from '../visibleText.js';
import type { Command } from './command.js';
import { pickShare } from './pickShare.js';
import { requireGroup } from './requireGroup.js';
import { selectedRows } from './selectedRows.js';

/** Names that a question lists. */
const mostNamed = 10;

/** Ends shares for the whole group, with all their versions, after asking: nobody can undo it. */
export const deleteShare: Command = async ({ session, views }, ...args) => {
  const client = await requireGroup(session);
  const selected = selectedRows(args, 'file').map(({ share }) => share);
  const one =
    selected.length > 0
      ? undefined
      : await pickShare(client, args[0], vscode.l10n.t('Stop Sharing'));
  const shares = one === undefined ? selected : [one];
  if (shares.length === 0) return;
  const names = shares.map((share) => noticeText(shareTitle(share)));
  const more = names.length - mostNamed;
  const name = [...names.slice(0, mostNamed), ...(more > 0 ? [`+ ${String(more)}`] : [])].join(
    ', ',
  );
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
  const warnings = new Set<string>();
  for (const { shareId } of shares) {
    const params = { share: shareId, versions: true };
    const answer = await client.request('delete', params, AbortSignal.timeout(30_000));
    for (const warning of answer.warnings) warnings.add(noticeText(warning));
  }
  views.files.refresh();
  const words = [
    shares.length === 1
      ? vscode.l10n.t('{0} is not shared any more.', name)
      : vscode.l10n.t('{0} files are not shared any more.', shares.length),
    ...warnings,
  ];
  void vscode.window.showInformationMessage(words.join(' '));
};
