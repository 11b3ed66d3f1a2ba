import * as vscode from 'vscode';
import type { ShardReport, ShareInfo, VerifyResult } from '../../control/contract.js';
import { formatCount } from '../format.js';
import { commandIds } from '../ids.js';
import { shareTitle } from '../shareTitle.js';
import { cancellable, runWithProgress } from '../transferProgress.js';
import { noticeText, visibleText } from '../visibleText.js';
import type { Command, CommandContext } from './command.js';
import { pickShare } from './pickShare.js';
import { requireGroup } from './requireGroup.js';

/** Asks every holder of a file to read its shard again and check every chunk. */
export const verifyFile: Command = async (context, chosen) => {
  const client = await requireGroup(context.session);
  const share = await pickShare(client, chosen, vscode.l10n.t('Verify a File'));
  if (share === undefined) return;
  const result = await verify(context, share);
  for (const line of result.shards.map(logLine))
    context.log.info(`${visibleText(shareTitle(share))}: ${line}`);
  context.views.files.refresh();
  void tellVerified(result);
};

async function verify({ session }: CommandContext, share: ShareInfo): Promise<VerifyResult> {
  const results: VerifyResult[] = [];
  await runWithProgress(session, vscode.l10n.t('Verifying'), [
    {
      label: noticeText(shareTitle(share)),
      run: async (client, transferId, signal) => {
        const params = { transferId, share: share.shareId };
        results.push(
          await cancellable(client, transferId, signal, () => client.request('verify', params)),
        );
      },
    },
  ]);
  const [result] = results;
  if (result === undefined) throw new Error('The verification ended without an answer.');
  return result;
}

async function tellVerified(result: VerifyResult): Promise<void> {
  const name = noticeText(shareTitle(result.share));
  const checked = result.shards.reduce((sum, shard) => sum + shard.chunksChecked, 0);
  const count = formatCount(checked, vscode.env.language);
  if (result.ok) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} is whole, reported by its holders: {1} chunks checked.', name, count),
    );
    return;
  }
  const bad = result.shards.filter((shard) => shard.status !== 'ok').map(problem);
  const words = [
    result.recoverable
      ? vscode.l10n.t('{0} is damaged, and can still be downloaded.', name)
      : vscode.l10n.t('{0} is damaged, and too little of it is left to download it.', name),
    `${bad.slice(0, 3).join('; ')}.`,
  ];
  const log = vscode.l10n.t('Show Log');
  const show = result.recoverable
    ? vscode.window.showWarningMessage
    : vscode.window.showErrorMessage;
  const answer = await show(words.join(' '), log);
  if (answer === log) await vscode.commands.executeCommand(commandIds.showLog);
}

/** One holder's trouble, for a notification. */
function problem(shard: ShardReport): string {
  const name = noticeText(shard.name);
  switch (shard.status) {
    case 'damaged':
      return shard.badChunks.length === 0
        ? vscode.l10n.t('{0}: damaged', name)
        : vscode.l10n.t('{0}: bad chunks {1}', name, numbers(shard.badChunks));
    case 'missing':
      return vscode.l10n.t('{0}: its shard is missing', name);
    case 'unreachable':
      return vscode.l10n.t('{0}: not reachable', name);
    case 'lied':
      return vscode.l10n.t('{0}: says whole, and that is not true', name);
    case 'ok':
      return vscode.l10n.t('{0}: whole', name);
  }
}

function numbers(chunks: readonly number[]): string {
  const shown = chunks.slice(0, 5).map((chunk) => formatCount(chunk, vscode.env.language));
  return chunks.length > 5 ? `${shown.join(', ')}, …` : shown.join(', ');
}

/** The log is for people who look closely: all bad chunks, always in English. */
function logLine(shard: ShardReport): string {
  return [
    `${visibleText(shard.name)}, shard ${String(shard.shard)}: ${shard.status} (reported)`,
    `${String(shard.chunksChecked)} chunks checked`,
    ...(shard.badChunks.length === 0 ? [] : [`bad chunks ${shard.badChunks.join(' ')}`]),
    ...(shard.problem === null ? [] : [visibleText(shard.problem)]),
  ].join(', ');
}
