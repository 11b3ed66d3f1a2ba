import * as vscode from 'vscode';
import type { GetResult } from '../../control/contract.js';
import type { PeerError } from '../../common/errors.js';
import { formatBytes } from '../format.js';
import { commandIds } from '../ids.js';
import { noticeText } from '../visibleText.js';
import type { Planned, Wanted } from './plan.js';

export interface Outcome {
  readonly done: readonly GetResult[];
  readonly skipped: readonly Wanted[];
  readonly failed: readonly { readonly planned: Planned; readonly error: PeerError }[];
}

/** One message for all that was asked for at once. */
export async function tellDownloaded(outcome: Outcome): Promise<void> {
  const [only, ...more] = outcome.done;
  const isPlain = outcome.skipped.length + outcome.failed.length + more.length === 0;
  if (only !== undefined && isPlain) await tellOne(only);
  else await tellSeveral(outcome);
}

async function tellOne(result: GetResult): Promise<void> {
  const open = vscode.l10n.t('Open');
  const reveal = vscode.l10n.t('Show in Explorer');
  const uri = vscode.Uri.file(result.path);
  const inWorkspace = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  const answer = await vscode.window.showInformationMessage(
    wordsOf(result).join(' '),
    ...(result.share.kind === 'folder' ? [] : [open]),
    ...(inWorkspace ? [reveal] : []),
  );
  if (answer === open) await vscode.commands.executeCommand('vscode.open', uri);
  if (answer === reveal) await vscode.commands.executeCommand('revealInExplorer', uri);
}

function wordsOf(result: GetResult): string[] {
  const facts = [noticeText(result.share.name), formatBytes(result.bytes)] as const;
  const from = Object.entries(result.from)
    .filter(([, bytes]) => bytes > 0)
    .map(([name]) => noticeText(name));
  return [
    result.share.kind === 'folder'
      ? vscode.l10n.t(
          'Downloaded {0}, {1}, proved here: every SHA-256 is the one its author signed.',
          ...facts,
        )
      : vscode.l10n.t(
          'Downloaded {0}, {1}, proved here: its SHA-256 is the one its author signed.',
          ...facts,
        ),
    ...result.warnings.map(noticeText),
    ...(from.length === 0 ? [] : [vscode.l10n.t('Pieces came from {0}.', from.join(', '))]),
  ];
}

async function tellSeveral({ done, skipped, failed }: Outcome): Promise<void> {
  const bytes = done.reduce((sum, result) => sum + result.bytes, 0);
  const [first] = failed;
  const words = [
    ...(done.length === 0
      ? []
      : [
          done.length === 1
            ? vscode.l10n.t('Downloaded 1 item, {0}, proved here.', formatBytes(bytes))
            : vscode.l10n.t(
                'Downloaded {0} items, {1}, proved here.',
                done.length,
                formatBytes(bytes),
              ),
        ]),
    ...(skipped.length === 0 ? [] : [skippedWords(skipped)]),
    ...new Set(done.flatMap(({ warnings }) => warnings.map(noticeText))),
    ...(first === undefined
      ? []
      : [
          vscode.l10n.t(
            'Failed: {0}.',
            failed.map(({ planned }) => noticeText(planned.share.name)).join(', '),
          ),
          noticeText([first.error.message, first.error.hint ?? ''].join(' ').trim()),
        ]),
  ];
  if (first === undefined) {
    void vscode.window.showInformationMessage(words.join(' '));
    return;
  }
  const log = vscode.l10n.t('Show Log');
  const answer = await vscode.window.showWarningMessage(words.join(' '), log);
  if (answer === log) await vscode.commands.executeCommand(commandIds.showLog);
}

function skippedWords(skipped: readonly Wanted[]): string {
  const [first] = skipped;
  return skipped.length === 1 && first !== undefined
    ? vscode.l10n.t('Skipped {0}: it exists already.', noticeText(first.share.name))
    : vscode.l10n.t('Skipped {0} items that exist already.', skipped.length);
}
