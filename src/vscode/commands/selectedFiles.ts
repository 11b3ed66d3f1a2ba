import path from 'node:path';
import * as vscode from 'vscode';
import { visibleText } from '../visibleText.js';

/**
 * The files a command is about: what was selected in the Explorer, `(uri, uris[])`; from the palette the active editor's
 * file, else what the user picks; from the Explorer's empty area what he says. Undefined when he picks none.
 */
export async function selectedFiles(
  args: readonly unknown[],
): Promise<readonly vscode.Uri[] | undefined> {
  const [one, many] = args;
  const listed = Array.isArray(many) ? many.filter((uri) => uri instanceof vscode.Uri) : [];
  const chosen = listed.length > 0 || !(one instanceof vscode.Uri) ? listed : [one];
  const [first] = chosen;
  if (first !== undefined && chosen.length === 1 && isWholeWorkspace(first)) return askWhole(first);
  if (chosen.length > 0) return chosen;
  const active = activeFile();
  return active === undefined ? pickFiles() : [active];
}

/** The Explorer shows no row for the only folder of a workspace: it names that one for its empty area. */
function isWholeWorkspace(uri: vscode.Uri): boolean {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.length === 1 && folders[0]?.uri.toString() === uri.toString();
}

async function askWhole(folder: vscode.Uri): Promise<readonly vscode.Uri[] | undefined> {
  const name = visibleText(path.basename(folder.fsPath));
  const files = { label: vscode.l10n.t('Choose Files…') };
  const whole = { label: vscode.l10n.t('The Whole Folder {0}', name) };
  const answer = await vscode.window.showQuickPick([files, whole], {
    placeHolder: vscode.l10n.t('What is to be shared?'),
  });
  if (answer === undefined) return undefined;
  return answer === whole ? [folder] : pickFiles();
}

/** Files that the user picks. Undefined when he picks none. */
export function pickFiles(): Thenable<readonly vscode.Uri[] | undefined> {
  return vscode.window.showOpenDialog({
    canSelectMany: true,
    openLabel: vscode.l10n.t('Share with Peers'),
    title: vscode.l10n.t('Choose files to share with the group'),
  });
}

function activeFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri =
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook
      ? input.uri
      : undefined;
  return uri?.scheme === 'file' ? uri : undefined;
}
