import path from 'node:path';
import * as vscode from 'vscode';
import type { ShareResult } from '../../control/contract.js';
import { LocalError } from '../errorWords.js';
import { redundancy } from '../settings.js';
import { cancellable, runWithProgress } from '../transferProgress.js';
import { entryCount, holderNames, survival } from '../views/fileItem.js';
import { noticeText } from '../visibleText.js';
import { askSecrets } from './askSecrets.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';
import { selectedFiles } from './selectedFiles.js';

/** Shares files and folders with the group; each is a share of its own. */
export const shareFile: Command = async ({ session }, ...args) => {
  const uris = await selectedFiles(args);
  if (uris === undefined || uris.length === 0) return;
  const foreign = uris.find((uri) => uri.scheme !== 'file');
  if (foreign !== undefined) {
    throw new LocalError(
      'unsupported',
      vscode.l10n.t('Only files on this machine’s disk can be shared.'),
      {
        hint: vscode.l10n.t('Save a copy of {0} to disk and share that.', foreign.path),
      },
    );
  }
  await requireGroup(session);
  const wanted = redundancy();
  const results: ShareResult[] = [];
  const title =
    uris.length === 1
      ? vscode.l10n.t('Sharing with peers')
      : vscode.l10n.t('Sharing {0} items with peers', uris.length);
  const steps = uris.map((uri) => ({
    label: noticeText(path.basename(uri.fsPath)),
    run: async (...[client, transferId, signal]: Parameters<StepRun>) => {
      const params = { transferId, path: uri.fsPath, ...(wanted && { redundancy: wanted }) };
      const result = await askSecrets(noticeText(path.basename(uri.fsPath)), (allowSecrets) =>
        cancellable(client, transferId, signal, () =>
          client.request('share', { ...params, ...(allowSecrets && { allowSecrets }) }),
        ),
      );
      if (result !== undefined) results.push(result);
    },
  }));
  try {
    await runWithProgress(session, title, steps);
  } finally {
    tellShared(results, uris);
  }
};

type StepRun = Parameters<typeof runWithProgress>[2][number]['run'];

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
