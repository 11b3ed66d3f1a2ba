import * as vscode from 'vscode';
import { equalBytes } from '../../common/bytes.js';
import { fetchAhead } from '../commands/openFile.js';
import type { CommandContext } from '../commands/command.js';
import { fileName, type SharedFile } from '../shared/sharedFile.js';
import { requireOpenable } from '../shared/sharedFileSystem.js';
import { sharedUri } from '../shared/sharedUri.js';
import { age } from '../views/age.js';
import { visibleText } from '../visibleText.js';
import { lineEndsOf, type LineEnds } from './lineEnds.js';

/**
 * Shows a local file beside a shared one. The editor's diff shows no line ends: where these differ, or nothing does, the
 * title says so.
 *
 * @throws {PeerError} what reading throws; `limit` when one of them is too large to be opened
 */
export async function openDiff(
  context: CommandContext,
  file: SharedFile,
  local: vscode.Uri,
): Promise<void> {
  const { size } = await vscode.workspace.fs.stat(local);
  const name = local.path.slice(local.path.lastIndexOf('/') + 1);
  requireOpenable(visibleText(name), size);
  const [theirs, mine] = [
    await fetchAhead(context, file),
    await vscode.workspace.fs.readFile(local),
  ];
  const shared = sharedUri(file.share, file.entry);
  await closeDiff(shared, local);
  await vscode.commands.executeCommand(
    'vscode.diff',
    shared,
    local,
    title(file, name, theirs, mine),
  );
}

/** Shown again, a pair would keep the title of the first time, whatever has changed since. */
async function closeDiff(shared: vscode.Uri, local: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const same = tabs.filter(
    ({ input, isDirty }) =>
      input instanceof vscode.TabInputTextDiff &&
      input.original.toString() === shared.toString() &&
      input.modified.toString() === local.toString() &&
      !isDirty,
  );
  if (same.length > 0) await vscode.window.tabGroups.close(same);
}

function title(file: SharedFile, name: string, theirs: Uint8Array, mine: Uint8Array): string {
  const { authorName, createdAt } = file.share;
  const [left, right] = [lineEndsOf(theirs), lineEndsOf(mine)];
  const differ = left !== right && left !== 'none' && right !== 'none';
  const shared = [
    visibleText(authorName),
    age(createdAt, Date.now()),
    ...(differ ? [words(left)] : []),
  ].join(', ');
  const names = [visibleText(fileName(file)), shared, visibleText(name)] as const;
  if (equalBytes(theirs, mine)) return vscode.l10n.t('{0} ({1}) ↔ {2}: the same', ...names);
  return differ
    ? vscode.l10n.t('{0} ({1}) ↔ {2} ({3})', ...names, words(right))
    : vscode.l10n.t('{0} ({1}) ↔ {2}', ...names);
}

function words(ends: LineEnds): string {
  return ends === 'mixed' ? vscode.l10n.t('mixed line ends') : ends;
}
