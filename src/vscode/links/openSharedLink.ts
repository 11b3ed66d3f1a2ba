import * as vscode from 'vscode';
import type { ControlClient, ShareInfo } from '../../control/contract.js';
import { PeerError } from '../../common/errors.js';
import { groupTag, type ShareLink } from '../../common/links.js';
import { inGroup, type MachineContext } from '../commands/command.js';
import { downloadFile } from '../commands/downloadFile.js';
import { requireGroup } from '../commands/requireGroup.js';
import { LocalError } from '../errorWords.js';
import { formatBytes } from '../format.js';
import type { Group } from '../groups/group.js';
import type { Groups } from '../groups/groups.js';
import { viewIds } from '../ids.js';
import { shareTitle } from '../shareTitle.js';
import { age } from '../views/age.js';
import { entryCount, survival } from '../views/fileItem.js';
import { noticeText } from '../visibleText.js';

/** Shows who shares what, and how large it is, and does with it what the user chooses. */
export async function openSharedLink(context: MachineContext, link: ShareLink): Promise<void> {
  const group = await linkedGroup(context.groups, link);
  if (group === undefined) return;
  const client = await requireGroup(group.session);
  const share = await linkedShare(client, link);
  const download = vscode.l10n.t('Download…');
  const show = vscode.l10n.t('Show Files');
  const answer = await vscode.window.showInformationMessage(
    headline(share),
    { modal: true, detail: detail(share, group) },
    ...(share.name === '' ? [] : [download]),
    show,
  );
  if (answer === download) await downloadFile(inGroup(context, group), share.shareId);
  if (answer === show) await vscode.commands.executeCommand(`${viewIds.files}.focus`);
}

/**
 * The group of this machine that a link is for. Those whose peers do not run are looked at last, and only when the user
 * says so. Undefined when he does not.
 *
 * @throws {PeerError} `no-group`; `not-trusted` when the link is of another group; as attaching
 */
async function linkedGroup({ all }: Groups, link: ShareLink): Promise<Group | undefined> {
  const isMeant = ({ session: { status } }: Group): boolean =>
    status?.self != null && groupTag(status.self.groupId) === link.group;
  const found = all.find(isMeant);
  if (found !== undefined) return found;
  const others = all.filter(({ session }) => session.attached === undefined);
  if (others.length > 0) {
    if (!(await mayStart())) return undefined;
    const answers = await Promise.allSettled(others.map(({ session }) => session.client()));
    const late = all.find(isMeant);
    if (late !== undefined) return late;
    const failed = answers.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw PeerError.from(failed.reason);
  }
  const own = all.filter(({ session: { status } }) => status?.self != null);
  if (own.length === 0) await requireGroup(all[0].session);
  throw new LocalError(
    'not-trusted',
    vscode.l10n.t(
      'This link is for another group than {0}, to which this machine belongs.',
      own.map(({ name }) => name).join(', '),
    ),
  );
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

function detail(share: ShareInfo, group: Group): string {
  const when = age(share.createdAt, Date.now());
  return [
    vscode.l10n.t(
      'In the group {0}, {1}: {2}.',
      noticeText(group.name),
      when,
      noticeText(survival(share)),
    ),
    ...(share.superseded ? [vscode.l10n.t('There is a newer version of it.')] : []),
    vscode.l10n.t('Nothing was downloaded or opened.'),
  ].join('\n');
}
