import * as vscode from 'vscode';
import type { GitInfo } from '../../control/contract.js';
import type { Group } from '../groups/group.js';
import { rowKinds } from '../ids.js';
import type { FileGrouping } from '../settings.js';
import { visibleText } from '../visibleText.js';
import { fileCount, gitWords } from './fileItem.js';
import { rowId, type FileRow, type SectionRow } from './rows.js';

/**
 * Files under what they have in common, in the order in which the first of each comes: whoever shared last, or what was
 * shared from last, stands first.
 */
export function sectionsOf(
  group: Group,
  files: readonly FileRow[],
  by: Exclude<FileGrouping, 'nothing'>,
): SectionRow[] {
  const sections = new Map<string, SectionRow & { readonly files: FileRow[] }>();
  for (const file of files) {
    const { key, title, icon } = commonOf[by](file);
    const known = sections.get(key);
    if (known !== undefined) known.files.push(file);
    else sections.set(key, { type: 'section', group, key, title, icon, files: [file] });
  }
  return [...sections.values()];
}

export function sectionId({ group, key }: SectionRow): string {
  return rowId(group, `section ${key}`);
}

/** @param isOpen whether what is below it is shown */
export function sectionItem(row: SectionRow, isOpen: boolean): vscode.TreeItem {
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(row.title, isOpen ? Expanded : Collapsed);
  item.id = sectionId(row);
  item.iconPath = new vscode.ThemeIcon(row.icon);
  item.contextValue = rowKinds.section;
  item.description = fileCount(row.files.length);
  item.tooltip = row.title;
  item.accessibilityInformation = { label: `${row.title}, ${item.description}` };
  return item;
}

type Common = Pick<SectionRow, 'key' | 'title' | 'icon'>;

const commonOf = { sharer: sharerOf, commit: commitOf, folder: folderOf } as const;

function sharerOf({ share: { authorId, authorName } }: FileRow): Common {
  return { key: authorId, title: visibleText(authorName), icon: 'account' };
}

function commitOf({ group, share: { shareId } }: FileRow): Common {
  const git: GitInfo | null | undefined = group.git.of(shareId);
  if (git === undefined)
    return { key: 'unknown', title: vscode.l10n.t('Commit not known yet'), icon: 'question' };
  if (git === null) return outside();
  const { commit, branch, dirty } = git;
  return {
    key: [commit, branch ?? '', String(dirty)].join(' '),
    title: gitWords(git),
    icon: 'git-commit',
  };
}

function folderOf({ group, share: { shareId } }: FileRow): Common {
  const git: GitInfo | null | undefined = group.git.of(shareId);
  if (git === null) return outside();
  if (git === undefined)
    return { key: 'unknown', title: vscode.l10n.t('Folder not known yet'), icon: 'question' };
  const { folder } = git;
  if (folder === null)
    return { key: 'untold', title: vscode.l10n.t('Folder not known'), icon: 'question' };
  return {
    key: `in ${folder}`,
    title: folder === '' ? vscode.l10n.t('Top of the repository') : visibleText(folder),
    icon: 'folder',
  };
}

function outside(): Common {
  return { key: 'none', title: vscode.l10n.t('Outside of a repository'), icon: 'circle-slash' };
}
