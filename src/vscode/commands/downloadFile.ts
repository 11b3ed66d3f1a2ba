import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { GetResult, ShareInfo } from '../../control/contract.js';
import { PeerError } from '../../common/errors.js';
import { formatBytes } from '../format.js';
import { LocalError } from '../errorWords.js';
import type { PeerSession } from '../peerSession.js';
import { cancellable, runWithProgress } from '../transferProgress.js';
import { noticeText } from '../visibleText.js';
import type { Command } from './command.js';
import { pickShare } from './pickShare.js';
import { requireGroup } from './requireGroup.js';

/** Fetches a file or folder of the group, from a row of the Files view or from a pick, to where the user says. */
export const downloadFile: Command = async ({ session }, chosen, target) => {
  const client = await requireGroup(session);
  const share = await pickShare(client, chosen, vscode.l10n.t('Download a File'));
  if (share === undefined) return;
  const asked = !(target instanceof vscode.Uri);
  const uri = asked ? await askTarget(share) : target;
  if (uri === undefined) return;
  if (uri.scheme !== 'file') {
    throw new LocalError(
      'unsupported',
      vscode.l10n.t('Files can be downloaded to this machine’s disk only.'),
    );
  }
  // Where the dialog showed an existing file, it has asked about replacing it. Folders are never replaced.
  const overwrite = asked && share.kind === 'file' && (await exists(uri));
  const result = await fetchOrAsk(session, share, uri, overwrite);
  if (result !== undefined) void tellDownloaded(result, uri);
};

async function fetchOrAsk(
  session: PeerSession,
  share: ShareInfo,
  uri: vscode.Uri,
  overwrite: boolean,
): Promise<GetResult | undefined> {
  try {
    return await fetch(session, share, uri, overwrite);
  } catch (error) {
    if (!PeerError.is(error, 'exists') || overwrite || share.kind === 'folder') throw error;
    const replace = vscode.l10n.t('Replace');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('{0} exists already. Replace it?', noticeText(uri.fsPath)),
      { modal: true },
      replace,
    );
    return answer === replace ? fetch(session, share, uri, true) : undefined;
  }
}

async function fetch(
  session: PeerSession,
  share: ShareInfo,
  uri: vscode.Uri,
  overwrite: boolean,
): Promise<GetResult> {
  let result: GetResult | undefined;
  await runWithProgress(session, vscode.l10n.t('Downloading'), [
    {
      label: noticeText(share.name),
      run: async (client, transferId, signal) => {
        const params = { transferId, share: share.shareId, path: uri.fsPath, overwrite };
        result = await cancellable(client, transferId, signal, () => client.request('get', params));
      },
    },
  ]);
  if (result === undefined)
    throw new PeerError('internal', 'The download ended without an answer.');
  return result;
}

async function askTarget(share: ShareInfo): Promise<vscode.Uri | undefined> {
  const workspace = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  const folder = workspace?.uri ?? vscode.Uri.file(homedir());
  if (share.kind === 'folder') {
    const [chosen] =
      (await vscode.window.showOpenDialog({
        canSelectFiles: false,
        canSelectFolders: true,
        defaultUri: folder,
        openLabel: vscode.l10n.t('Download Here'),
        title: vscode.l10n.t('Choose where the folder {0} is to be', noticeText(share.name)),
      })) ?? [];
    return chosen && vscode.Uri.joinPath(chosen, share.name);
  }
  return vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder, share.name),
    saveLabel: vscode.l10n.t('Download'),
    title: vscode.l10n.t('Download {0} to', noticeText(share.name)),
  });
}

async function tellDownloaded(result: GetResult, uri: vscode.Uri): Promise<void> {
  const open = vscode.l10n.t('Open');
  const reveal = vscode.l10n.t('Show in Explorer');
  const from = Object.entries(result.from)
    .filter(([, bytes]) => bytes > 0)
    .map(([name]) => noticeText(name));
  const isFolder = result.share.kind === 'folder';
  const facts = [noticeText(result.share.name), formatBytes(result.bytes)] as const;
  const words = [
    isFolder
      ? vscode.l10n.t(
          'Downloaded {0}, {1}, proved here: every SHA-256 is the one its author signed.',
          ...facts,
        )
      : vscode.l10n.t(
          'Downloaded {0}, {1}, proved here: its SHA-256 is the one its author signed.',
          ...facts,
        ),
    ...result.warnings.map(noticeText),
    ...(from.length === 0 ? [] : [vscode.l10n.t('Pieces came from {0}.', from.join(', '))]),
  ];
  const inWorkspace = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  const answer = await vscode.window.showInformationMessage(
    words.join(' '),
    ...(isFolder ? [] : [open]),
    ...(inWorkspace ? [reveal] : []),
  );
  if (answer === open) await vscode.commands.executeCommand('vscode.open', uri);
  if (answer === reveal) await vscode.commands.executeCommand('revealInExplorer', uri);
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return false;
    throw error;
  }
}
