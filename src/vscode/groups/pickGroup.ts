import * as vscode from 'vscode';
import { pickText } from '../visibleText.js';
import type { Group } from './group.js';
import type { Groups } from './groups.js';
import { groupWords } from './groupWords.js';

/** Which of several groups something is about. Undefined when the user leaves. */
export async function pickGroup(groups: Groups): Promise<Group | undefined> {
  const items = groups.all.map((group) => ({
    group,
    label: `$(organization) ${pickText(group.name)}`,
    description: groupWords(group),
    detail: pickText(group.directory),
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Which Group?'),
    placeHolder: vscode.l10n.t(
      'This machine is in several groups: choose the one that this is for',
    ),
  });
  return picked?.group;
}
