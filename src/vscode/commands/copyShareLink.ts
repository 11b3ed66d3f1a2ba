import * as vscode from 'vscode';
import { shareLinkText, shareLinkUrl } from '../../common/links.js';
import { shareTitle } from '../shareTitle.js';
import { noticeText } from '../visibleText.js';
import { chosenShares } from './chosenShares.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';

/** Copies links to shares, one a line. They name a share, and open it for members of the group only. */
export const copyShareLink: Command = async ({ session }, ...args) => {
  const client = await requireGroup(session);
  const shares = await chosenShares(client, args, vscode.l10n.t('Copy Share Link'));
  const self = session.status?.self;
  const [first] = shares;
  if (first === undefined || self == null) return;
  const { groupId } = self;
  const urls = shares.map(({ shareId }) => shareLinkUrl(vscode.env.uriScheme, groupId, shareId));
  await vscode.env.clipboard.writeText(urls.join('\n'));
  void offerText(
    shares.length === 1
      ? vscode.l10n.t('Copied the link to {0}.', noticeText(shareTitle(first)))
      : vscode.l10n.t('Copied {0} links.', shares.length),
    shares.map(({ shareId }) => shareLinkText(groupId, shareId)),
  );
};

/** For the terminal, and for places that make no `vscode://` link clickable. */
async function offerText(done: string, texts: readonly string[]): Promise<void> {
  const asText = vscode.l10n.t('Copy as Text');
  const note = vscode.l10n.t('It works for members of the group only.');
  const answer = await vscode.window.showInformationMessage(`${done} ${note}`, asText);
  if (answer === asText) await vscode.env.clipboard.writeText(texts.join('\n'));
}
