import * as vscode from 'vscode';
import type { ControlClient, SelfInfo, ShareInfo } from '../../control/contract.js';
import { PeerError } from '../../common/errors.js';
import { groupTag, type ShareLink } from '../../common/links.js';
import type { CommandContext } from '../commands/command.js';
import { downloadFile } from '../commands/downloadFile.js';
import { requireGroup } from '../commands/requireGroup.js';
import { LocalError } from '../errorWords.js';
import { formatBytes } from '../format.js';
import { viewIds } from '../ids.js';
import type { PeerSession } from '../peerSession.js';
import { shareTitle } from '../shareTitle.js';
import { age } from '../views/age.js';
import { entryCount, survival } from '../views/fileItem.js';
import { noticeText } from '../visibleText.js';

/** Shows who shares what, and how large it is, and does with it what the user chooses. */
export async function openSharedLink(context: CommandContext, link: ShareLink): Promise<void> {
  const { session } = context;
  if (session.attached === undefined && !(await mayStart())) return;
  const client = await requireGroup(session);
  const self = ownGroup(session, link);
  const share = await linkedShare(client, link);
  const download = vscode.l10n.t('Download…');
  const show = vscode.l10n.t('Show Files');
  const answer = await vscode.window.showInformationMessage(
    headline(share),
    { modal: true, detail: detail(share, self) },
    ...(share.name === '' ? [] : [download]),
    show,
  );
  if (answer === download) await downloadFile(context, share.shareId);
  if (answer === show) await vscode.commands.executeCommand(`${viewIds.files}.focus`);
}

/** A link may come from anywhere: it starts no process by itself. */
async function mayStart(): Promise<boolean> {
  const look = vscode.l10n.t('Start Peer');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('This link names a shared file. Start the peer of this machine to look for it?'),
    { modal: true },
    look,
  );
  return answer === look;
}

/** @throws {PeerError} `not-trusted` when the link is of another group */
function ownGroup(session: PeerSession, link: ShareLink): SelfInfo {
  const self = session.status?.self;
  if (self != null && groupTag(self.groupId) === link.group) return self;
  throw new LocalError(
    'not-trusted',
    vscode.l10n.t(
      'This link is for another group than {0}, to which this machine belongs.',
      self?.groupName ?? '',
    ),
  );
}

/** @throws {PeerError} `not-found` */
async function linkedShare(client: ControlClient, { shareId }: ShareLink): Promise<ShareInfo> {
  const share = await client
    .request('find', { share: shareId }, AbortSignal.timeout(15_000))
    .catch((error: unknown) => {
      if (PeerError.is(error, 'not-found')) return undefined;
      throw error;
    });
  // A share may have the id of another one for its name.
  if (share?.shareId === shareId) return share;
  throw new LocalError(
    'not-found',
    vscode.l10n.t('What this link names is not shared here, or not any more.'),
    { hint: vscode.l10n.t('If it is new, the others may not have told of it yet: try again.') },
  );
}

function headline(share: ShareInfo): string {
  const words = [
    noticeText(shareTitle(share)),
    ...(share.kind === 'folder' ? [entryCount(share.entries)] : []),
    ...(share.name === '' ? [] : [formatBytes(share.size)]),
  ];
  return vscode.l10n.t('{0} shares {1}', noticeText(share.authorName), words.join(', '));
}

function detail(share: ShareInfo, self: SelfInfo): string {
  const when = age(share.createdAt, Date.now());
  return [
    vscode.l10n.t(
      'In the group {0}, {1}: {2}.',
      noticeText(self.groupName),
      when,
      noticeText(survival(share)),
    ),
    ...(share.superseded ? [vscode.l10n.t('There is a newer version of it.')] : []),
    vscode.l10n.t('Nothing was downloaded or opened.'),
  ].join('\n');
}
