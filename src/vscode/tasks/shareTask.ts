import path from 'node:path';
import * as vscode from 'vscode';
import { shareLinkText } from '../../common/links.js';
import { askSecrets } from '../commands/askSecrets.js';
import { requireGroup } from '../commands/requireGroup.js';
import { LocalError } from '../errorWords.js';
import type { PeerSession } from '../peerSession.js';
import { redundancy } from '../settings.js';
import { survival } from '../views/fileItem.js';
import { noticeText } from '../visibleText.js';
import type { ShareDefinition } from './definition.js';
import { runTransfer } from './runTransfer.js';
import type { TaskOutput } from './taskTerminal.js';
import { workspacePath } from './workspacePath.js';

/** Shares what a task names, and prints the link to it. @throws {PeerError} */
export async function shareTask(
  session: PeerSession,
  folder: string,
  definition: ShareDefinition,
  output: TaskOutput,
  signal: AbortSignal,
): Promise<void> {
  const file = await workspacePath(folder, definition.path);
  const name = path.basename(file);
  const client = await requireGroup(session);
  const wanted = redundancy();
  output.line(vscode.l10n.t('Sharing {0}', name));
  const result = await askSecrets(noticeText(name), (allowSecrets) =>
    runTransfer(session, output, signal, (transferId) =>
      client.request('share', {
        ...{ transferId, path: file, ...(wanted && { redundancy: wanted }) },
        ...(allowSecrets && { allowSecrets }),
      }),
    ),
  );
  if (result === undefined) {
    throw new LocalError('secrets', vscode.l10n.t('It was not meant to be shared.'));
  }
  output.line(vscode.l10n.t('Shared {0}: {1}.', name, survival(result.share)));
  for (const warning of result.warnings) output.line(warning);
  const groupId = session.status?.self?.groupId;
  if (groupId !== undefined) output.line(shareLinkText(groupId, result.share.shareId));
}
