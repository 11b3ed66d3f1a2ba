import * as vscode from 'vscode';
import { errorWords } from '../errorWords.js';
import type { Group } from '../groups/group.js';
import { groupWords } from '../groups/groupWords.js';
import { rowKinds } from '../ids.js';
import { visibleText } from '../visibleText.js';
import { tooltip } from './tooltip.js';

/** The row of a group, where there are several. @param isOpen whether what is below it is shown */
export function groupItem(group: Group, isOpen: boolean): vscode.TreeItem {
  const name = visibleText(group.name);
  const words = groupWords(group);
  const { lastError } = group.session;
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(name, isOpen ? Expanded : Collapsed);
  item.id = group.directory;
  item.iconPath = new vscode.ThemeIcon('organization');
  item.contextValue = kind(group);
  item.description = words;
  item.tooltip = tooltip(group.name, [
    words,
    ...(lastError === undefined ? [] : errorWords(lastError)),
    vscode.l10n.t('Data directory: {0}', group.directory),
  ]);
  item.accessibilityInformation = { label: vscode.l10n.t('Group {0}, {1}', name, words) };
  return item;
}

function kind({ session: { state, status } }: Group): string {
  switch (state) {
    case 'starting':
      return rowKinds.groupStarting;
    case 'running':
      return status?.self == null ? rowKinds.groupEmpty : rowKinds.groupRunning;
    case 'idle':
    case 'stopped':
    case 'failed':
      return rowKinds.groupStopped;
  }
}
