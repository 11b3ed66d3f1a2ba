import * as vscode from 'vscode';
import { formatBytes } from '../format.js';
import { commandIds } from '../ids.js';
import { pickSharedFile } from '../shared/pickSharedFile.js';
import { fileName, type SharedFile } from '../shared/sharedFile.js';
import { openLimit } from '../shared/sharedFileSystem.js';
import { sharedUri } from '../shared/sharedUri.js';
import { withSlowProgress } from '../slowProgress.js';
import { noticeText } from '../visibleText.js';
import type { Command, CommandContext } from './command.js';
import { peek } from './peekFile.js';
import { requireGroup } from './requireGroup.js';

/** Opens a shared file, read-only, without downloading it to a place on the disk. */
export const openFile: Command = async (context, chosen) => {
  const client = await requireGroup(context.session);
  const file = await pickSharedFile(client, chosen, vscode.l10n.t('Open a Shared File'));
  if (file === undefined) return;
  if (file.size > openLimit) {
    void offerOthers(file);
    return;
  }
  await fetchAhead(context, file);
  await vscode.commands.executeCommand('vscode.open', sharedUri(file.share, file.entry));
};

/** Reads what is to be opened next, so that it can be waited for, and cancelled. @throws {PeerError} */
export async function fetchAhead(
  { shared, session }: CommandContext,
  file: SharedFile,
): Promise<Uint8Array> {
  const title = vscode.l10n.t('Fetching {0}', noticeText(fileName(file)));
  return await withSlowProgress(title, (signal, onShare) =>
    shared.readAhead(session, file, signal, (bytes) => {
      onShare(bytes / file.size);
    }),
  );
}

/** Says that a file is too large to be opened as a whole, and what can be done instead. */
export async function offerOthers(file: SharedFile): Promise<void> {
  const look = vscode.l10n.t('Peek');
  const download = vscode.l10n.t('Download…');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      '{0} has {1}, and only files up to {2} are opened as a whole. Peek shows any part of it, and fetches no more than that.',
      noticeText(fileName(file)),
      formatBytes(file.size),
      formatBytes(openLimit),
    ),
    look,
    // Of a folder, all of it would come.
    ...(file.entry === null ? [download] : []),
  );
  if (answer === look) await peek(file);
  if (answer === download) {
    await vscode.commands.executeCommand(commandIds.downloadFile, file.share.shareId);
  }
}
