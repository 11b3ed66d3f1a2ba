import * as vscode from 'vscode';
import type { ShardReport, ShareInfo, UnsoundShare, VerifyResult } from '../../control/contract.js';
import { formatCount } from '../format.js';
import type { Group } from '../groups/group.js';
import { commandIds } from '../ids.js';
import { shareTitle } from '../shareTitle.js';
import { cancellable, runWithProgress, type Step } from '../transferProgress.js';
import { noticeText, visibleText } from '../visibleText.js';
import type { Command, CommandContext } from './command.js';
import { pickShare } from './pickShare.js';
import { requireGroup } from './requireGroup.js';
import { selectedRows } from './selectedRows.js';
import { tellVerified } from './verifyEverything.js';

/** Most files that a message each is about. */
const mostAlone = 3;

/** Asks every holder of a file, or of all that are selected, to read its shard again and check every chunk. */
export const verifyFile: Command = async (context, ...args) => {
  const client = await requireGroup(context.session);
  const selected = selectedRows(args, 'file').map(({ share }) => share);
  const one =
    selected.length > 0
      ? undefined
      : await pickShare(client, args[0], vscode.l10n.t('Verify a File'));
  const results = await verify(context, one === undefined ? selected : [one]);
  for (const { share, shards } of results) {
    for (const line of shards.map(logLine)) {
      context.log.info(`${visibleText(shareTitle(share))}: ${line}`);
    }
  }
  context.views.files.refresh();
  void tellAll(context.group, results);
};

async function verify(
  { session }: CommandContext,
  shares: readonly ShareInfo[],
): Promise<readonly VerifyResult[]> {
  const results: VerifyResult[] = [];
  if (shares.length === 0) return results;
  const steps = shares.map((share): Step => ({
    label: noticeText(shareTitle(share)),
    run: async (client, transferId, signal) => {
      const params = { transferId, share: share.shareId };
      results.push(
        await cancellable(client, transferId, signal, () => client.request('verify', params)),
      );
    },
  }));
  await runWithProgress(session, vscode.l10n.t('Verifying'), steps);
  return results;
}

/** Each that is not whole for itself, as long as they are few, and the others in one message. */
async function tellAll(group: Group, results: readonly VerifyResult[]): Promise<void> {
  const whole = results.filter(({ ok }) => ok);
  if (results.length - whole.length > mostAlone) {
    const unsound = results.filter(({ ok }) => !ok).map(toUnsound);
    await tellVerified(group, { checked: results.length, whole: whole.length, unsound });
    return;
  }
  if (whole.length > 1) {
    const count = formatCount(whole.length, vscode.env.language);
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} files are whole, reported by their holders.', count),
    );
  }
  const alone = whole.length > 1 ? results.filter(({ ok }) => !ok) : results;
  await Promise.all(alone.map(tellOne));
}

async function tellOne(result: VerifyResult): Promise<void> {
  const name = noticeText(shareTitle(result.share));
  const checked = result.shards.reduce((sum, shard) => sum + shard.chunksChecked, 0);
  const count = formatCount(checked, vscode.env.language);
  if (result.ok) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} is whole, reported by its holders: {1} chunks checked.', name, count),
    );
    return;
  }
  const { k, m } = result.share;
  const bad = [
    ...result.shards.filter((shard) => shard.status !== 'ok').map(problem),
    ...(result.heldByNobody > 0
      ? [vscode.l10n.t('{0} of {1} shards are held by nobody', result.heldByNobody, k + m)]
      : []),
  ];
  const words = [
    result.recoverable
      ? vscode.l10n.t('{0} is damaged, and can still be downloaded.', name)
      : vscode.l10n.t('{0} is damaged, and too little of it is left to download it.', name),
    `${bad.slice(0, 3).join('; ')}.`,
  ];
  const log = vscode.l10n.t('Show Log');
  const repair = vscode.l10n.t('Repair');
  const show = result.recoverable
    ? vscode.window.showWarningMessage
    : vscode.window.showErrorMessage;
  const answer = await show(words.join(' '), ...(result.recoverable ? [repair] : []), log);
  if (answer === repair) {
    await vscode.commands.executeCommand(commandIds.repairFile, result.share.shareId);
  }
  if (answer === log) await vscode.commands.executeCommand(commandIds.showLog);
}

function toUnsound({ share, recoverable, heldByNobody, shards }: VerifyResult): UnsoundShare {
  const { shareId, name, kind } = share;
  const troubled = shards.filter(({ status }) => status !== 'ok');
  return {
    ...{ shareId, name, kind, recoverable, heldByNobody },
    onlyUnreachable: heldByNobody === 0 && troubled.every(({ status }) => status === 'unreachable'),
    holders: troubled.map((shard) => shard.name),
  };
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
