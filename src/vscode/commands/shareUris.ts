import path from 'node:path';
import * as vscode from 'vscode';
import type { ShareParams, ShareResult } from '../../control/contract.js';
import { LocalError } from '../errorWords.js';
import type { PeerSession } from '../peerSession.js';
import { redundancy } from '../settings.js';
import { cancellable, runWithProgress, type Step } from '../transferProgress.js';
import { entryCount, holderNames, survival } from '../views/fileItem.js';
import { noticeText } from '../visibleText.js';
import { askSecrets } from './askSecrets.js';
import { requireGroup } from './requireGroup.js';

/**
 * Shares files and folders with the group, each as a share of its own, and tells how it went.
 *
 * @param holders node ids of those who are to hold them before others; absent leaves it to the group
 * @throws {LocalError} `unsupported` for what is not on this machine's disk
 */
export async function shareUris(
  session: PeerSession,
  uris: readonly vscode.Uri[],
  holders?: readonly string[],
): Promise<void> {
  const foreign = uris.find((uri) => uri.scheme !== 'file');
  if (foreign !== undefined) {
    throw new LocalError(
      'unsupported',
      vscode.l10n.t('Only files on this machine’s disk can be shared.'),
      { hint: vscode.l10n.t('Save a copy of {0} to disk and share that.', foreign.path) },
    );
  }
  await requireGroup(session);
  const wanted = redundancy();
  const results: ShareResult[] = [];
  const title =
    uris.length === 1
      ? vscode.l10n.t('Sharing with peers')
      : vscode.l10n.t('Sharing {0} items with peers', uris.length);
  const steps = uris.map((uri): Step => {
    const label = noticeText(path.basename(uri.fsPath));
    const run: Step['run'] = async (client, transferId, signal) => {
      const params: ShareParams = {
        ...{ transferId, path: uri.fsPath },
        ...(wanted !== undefined && { redundancy: wanted }),
        ...(holders !== undefined && { holders }),
      };
      const result = await askSecrets(label, (allowSecrets) =>
        cancellable(client, transferId, signal, () =>
          client.request('share', { ...params, ...(allowSecrets && { allowSecrets }) }),
        ),
      );
      if (result !== undefined) results.push(result);
    };
    return { label, run };
  });
  try {
    await runWithProgress(session, title, steps);
  } finally {
    tellShared(results, uris);
  }
}

/** One message for all; a warning when something is not as it should be. */
function tellShared(results: readonly ShareResult[], uris: readonly vscode.Uri[]): void {
  const [first] = results;
  if (first === undefined) return;
  const name = noticeText(first.share.name);
  const words = [
    results.length === 1
      ? vscode.l10n.t('Shared {0}: {1}.', name, survival(first.share))
      : vscode.l10n.t('Shared {0} items.', results.length),
    ...(results.length === 1
      ? [vscode.l10n.t('Holders: {0}.', noticeText(holderNames(first.share.holders)))]
      : []),
  ];
  const ignored = results.reduce((sum, result) => sum + result.ignored, 0);
  if (ignored > 0) words.push(vscode.l10n.t('Left out by .gitignore: {0}.', entryCount(ignored)));
  const missing = [...new Set(results.flatMap((result) => result.missing))];
  const warnings = [...new Set(results.flatMap((result) => result.warnings))];
  const unsaved = vscode.workspace.textDocuments.filter(
    (document) =>
      document.isDirty && uris.some((uri) => isWithin(document.uri.toString(), uri.toString())),
  );
  if (missing.length > 0) {
    warnings.push(vscode.l10n.t('No answer from {0}.', missing.map(noticeText).join(', ')));
  }
  if (unsaved.length > 0) {
    warnings.push(vscode.l10n.t('Unsaved changes in an editor were not shared.'));
  }
  if (warnings.length === 0) {
    void vscode.window.showInformationMessage(words.join(' '));
    return;
  }
  void vscode.window.showWarningMessage([...words, ...warnings.map(noticeText)].join(' '));
}

/** Whether a URI is the other, or below it. */
function isWithin(uri: string, folder: string): boolean {
  return uri === folder || uri.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
