import * as vscode from 'vscode';
import { peekEditorType } from '../ids.js';
import { pickSharedFile } from '../shared/pickSharedFile.js';
import type { SharedFile } from '../shared/sharedFile.js';
import { sharedUri } from '../shared/sharedUri.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';

/** Shows parts of a shared file of any size, fetching no more than what is looked at. */
export const peekFile: Command = async ({ session }, chosen) => {
  const client = await requireGroup(session);
  const file = await pickSharedFile(client, chosen, vscode.l10n.t('Peek into a Shared File'));
  if (file !== undefined) await peek(file);
};

/** Opens the viewer of parts. */
export async function peek({ share, entry }: SharedFile): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', sharedUri(share, entry), peekEditorType);
}
