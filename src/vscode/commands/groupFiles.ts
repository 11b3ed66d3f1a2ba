import * as vscode from 'vscode';
import { section, viewIds } from '../ids.js';
import { fileGrouping, type FileGrouping } from '../settings.js';
import type { MachineCommand } from './command.js';

/** Asks what the files are to be grouped by, and keeps the answer as the user's setting. */
export const groupFiles: MachineCommand = async () => {
  const now = fileGrouping();
  const choices: readonly (vscode.QuickPickItem & { readonly by: FileGrouping })[] = [
    { by: 'nothing', label: vscode.l10n.t('Not grouped'), iconPath: icon('list-flat') },
    {
      by: 'commit',
      label: vscode.l10n.t('By commit'),
      detail: vscode.l10n.t('What was checked out where each was shared'),
      iconPath: icon('git-commit'),
    },
    {
      by: 'folder',
      label: vscode.l10n.t('By folder'),
      detail: vscode.l10n.t('Where in its repository each lay'),
      iconPath: icon('folder'),
    },
    {
      by: 'sharer',
      label: vscode.l10n.t('By who shared it'),
      iconPath: icon('account'),
    },
  ];
  const chosen = await vscode.window.showQuickPick(
    choices.map((choice) =>
      choice.by === now ? { ...choice, description: vscode.l10n.t('now') } : choice,
    ),
    { title: vscode.l10n.t('Group Files By') },
  );
  if (chosen === undefined) return;
  await vscode.workspace
    .getConfiguration(section)
    .update('groupFilesBy', chosen.by, vscode.ConfigurationTarget.Global);
  await vscode.commands.executeCommand(`${viewIds.files}.focus`);
};

function icon(name: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(name);
}
