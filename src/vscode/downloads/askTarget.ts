import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ShareInfo } from '../../control/contract.js';
import { LocalError } from '../errorWords.js';
import { noticeText } from '../visibleText.js';
import type { Wanted } from './plan.js';

/** Where one file is to be, as the system's own dialog asks it. It has asked about replacing one that is there. */
export async function askFile(share: ShareInfo): Promise<vscode.Uri | undefined> {
  return vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(proposedFolder(), nameOf(share)),
    saveLabel: vscode.l10n.t('Download'),
    title: vscode.l10n.t('Download {0} to', noticeText(share.name)),
  });
}

/** The folder into which several come, each under its own name; undefined when the user names none. */
export async function askFolder(shares: readonly ShareInfo[]): Promise<Wanted[] | undefined> {
  const [first] = shares;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: proposedFolder(),
      openLabel: vscode.l10n.t('Download Here'),
      title:
        shares.length === 1
          ? vscode.l10n.t('Choose where {0} is to be', noticeText(first?.name ?? ''))
          : vscode.l10n.t('Choose where {0} items are to be', shares.length),
    })) ?? [];
  if (chosen === undefined) return undefined;
  const folder = localPath(chosen);
  return shares.map((share) => ({ share, path: path.join(folder, nameOf(share)) }));
}

/** @throws {PeerError} `unsupported` for what is not on this machine's disk */
export function localPath(uri: vscode.Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  throw new LocalError(
    'unsupported',
    vscode.l10n.t('Files can be downloaded to this machine’s disk only.'),
  );
}

/** The peer has checked it; what is joined to a path is looked at once more. */
function nameOf({ name }: ShareInfo): string {
  if (name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name)) return name;
  throw new LocalError('integrity', vscode.l10n.t('The name of this share is not a file name.'));
}

function proposedFolder(): vscode.Uri {
  const workspace = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return workspace?.uri ?? vscode.Uri.file(homedir());
}
