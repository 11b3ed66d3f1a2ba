import * as vscode from 'vscode';
import { LocalError } from '../errorWords.js';
import { fileName, type SharedFile } from '../shared/sharedFile.js';
import { noticeText, pickText } from '../visibleText.js';

/** Most files of the workspace that are offered. */
const mostOffered = 50;

/**
 * The local file that a shared one is to be compared with: the one of its name in the workspace, or what the user picks.
 * Undefined when he picks none.
 */
export async function localFileFor(file: SharedFile): Promise<vscode.Uri | undefined> {
  const name = fileName(file);
  // A name of others is no pattern: what has a meaning in one is put in brackets.
  const pattern = `**/${name.replace(/[*?[\]{}!]/g, (character) => `[${character}]`)}`;
  const found = (await vscode.workspace.findFiles(pattern, undefined, mostOffered)).filter(
    ({ scheme, path }) => scheme === 'file' && path.endsWith(`/${name}`),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (found.length > 1) {
    const picked = await vscode.window.showQuickPick(
      found.map((uri) => ({ uri, label: pickText(vscode.workspace.asRelativePath(uri)) })),
      { title: vscode.l10n.t('Compare {0} with', pickText(name)) },
    );
    return picked?.uri;
  }
  const [chosen] =
    (await vscode.window.showOpenDialog({
      openLabel: vscode.l10n.t('Compare'),
      title: vscode.l10n.t('Choose the file to compare {0} with', noticeText(name)),
    })) ?? [];
  return chosen;
}

/** The file of the Explorer or of an editor's tab that a command is about; undefined when there is none. @throws {PeerError} */
export function localArgument(argument: unknown): vscode.Uri | undefined {
  const uri =
    argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
  if (uri === undefined || uri.scheme === 'file') return uri;
  if (!(argument instanceof vscode.Uri)) return undefined;
  throw new LocalError(
    'unsupported',
    vscode.l10n.t('Only files on this machine’s disk can be compared.'),
  );
}
