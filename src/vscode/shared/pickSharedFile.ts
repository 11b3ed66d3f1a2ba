import * as vscode from 'vscode';
import type { ControlClient, EntryInfo } from '../../control/contract.js';
import { pickShare } from '../commands/pickShare.js';
import { formatBytes } from '../format.js';
import { withSlowProgress } from '../slowProgress.js';
import { pickText } from '../visibleText.js';
import { entriesIn } from './readShared.js';
import { fileOfShare, type SharedFile, type SharedFolder } from './sharedFile.js';

interface EntryItem extends vscode.QuickPickItem {
  /** Null for the folder above. */
  readonly entry: EntryInfo | null;
}

/**
 * The shared file a command is about: a row of the Files view, a name or id that another extension gives, or what the user
 * picks; of a folder, the entry that he picks. Undefined when he picks none.
 *
 * @throws {PeerError} as `find` and `entries`
 */
export async function pickSharedFile(
  client: ControlClient,
  argument: unknown,
  title: string,
): Promise<SharedFile | undefined> {
  const share = await pickShare(client, argument, title);
  if (share === undefined) return undefined;
  if (share.kind === 'file') return fileOfShare(share);
  let folder: SharedFolder = { share, under: '' };
  for (;;) {
    const entry = await pickEntry(client, folder, title);
    if (entry === undefined) return undefined;
    if (entry?.kind === 'file') {
      const { path, size, sha256, mtimeMs } = entry;
      return { share, entry: path, size, sha256, mtimeMs };
    }
    folder = { share, under: entry === null ? above(folder.under) : entry.path };
  }
}

async function pickEntry(
  client: ControlClient,
  folder: SharedFolder,
  title: string,
): Promise<EntryInfo | null | undefined> {
  const entries = await withSlowProgress(vscode.l10n.t('Looking into the folder'), (signal) =>
    entriesIn(client, folder, signal),
  );
  const way = [folder.share.name, ...(folder.under === '' ? [] : folder.under.split('/'))];
  const picked = await vscode.window.showQuickPick(
    [
      ...(folder.under === '' ? [] : [upItem()]),
      ...entries
        .filter(({ kind }) => kind !== 'symlink')
        .sort(foldersFirst)
        .map(entryItem),
    ],
    { title, placeHolder: pickText(way.join(' / ')) },
  );
  return picked === undefined ? undefined : picked.entry;
}

function entryItem(entry: EntryInfo): EntryItem {
  const name = pickText(nameOf(entry));
  return entry.kind === 'dir'
    ? { entry, label: `$(folder) ${name}` }
    : { entry, label: `$(file) ${name}`, description: formatBytes(entry.size) };
}

function upItem(): EntryItem {
  return { entry: null, label: `$(arrow-up) ${vscode.l10n.t('Folder above')}` };
}

function foldersFirst(a: EntryInfo, b: EntryInfo): number {
  if (a.kind !== b.kind) return a.kind === 'dir' ? -1 : 1;
  return nameOf(a).localeCompare(nameOf(b));
}

function nameOf({ path }: EntryInfo): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function above(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}
