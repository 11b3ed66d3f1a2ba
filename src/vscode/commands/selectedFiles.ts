import * as vscode from 'vscode';

/**
 * The files a command is about: what was selected in the Explorer, `(uri, uris[])`; from the palette or the
 * Explorer's empty area the active editor's file; else what the user picks. Undefined when he picks none.
 */
export async function selectedFiles(
  args: readonly unknown[],
): Promise<readonly vscode.Uri[] | undefined> {
  const [one, many] = args;
  if (Array.isArray(many)) {
    const uris = many.filter((uri) => uri instanceof vscode.Uri);
    if (uris.length > 0) return uris;
  }
  if (one instanceof vscode.Uri) return [one];
  const active = activeFile();
  return active === undefined ? pickFiles() : [active];
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
