import * as vscode from 'vscode';
import type { RepairedShare, RepairResult, ShareInfo } from '../../control/contract.js';
import { commandIds } from '../ids.js';
import { riskOf } from '../risk.js';
import { shareTitle } from '../shareTitle.js';
import { cancellable, runWithProgress, type Step } from '../transferProgress.js';
import { survival } from '../views/fileItem.js';
import { noticeText } from '../visibleText.js';
import type { Command, CommandContext } from './command.js';
import { requireGroup } from './requireGroup.js';
import { selectedRows } from './selectedRows.js';

/** Has the parts made that are missing: of the selected files, of one by its name or id, or, from the palette, of all. */
export const repairFile: Command = async (context, ...args) => {
  const client = await requireGroup(context.session);
  const [one] = args;
  const shares =
    typeof one === 'string'
      ? [await client.request('find', { share: one }, AbortSignal.timeout(10_000))]
      : selectedRows(args, 'file').map(({ share }) => share);
  const results = await repair(context, shares, false);
  context.views.files.refresh();
  void tellRepaired(context, shares, results);
};

/** @param now whether who cannot be reached counts as gone */
async function repair(
  { session }: CommandContext,
  shares: readonly ShareInfo[],
  now: boolean,
): Promise<readonly RepairedShare[]> {
  const results: RepairResult[] = [];
  const step = (label: string, share?: string): Step => ({
    label,
    run: async (client, transferId, signal) => {
      const params = { transferId, now, ...(share !== undefined && { share }) };
      results.push(
        await cancellable(client, transferId, signal, () => client.request('repair', params)),
      );
    },
  });
  const steps = shares.map((share) => step(noticeText(shareTitle(share)), share.shareId));
  await runWithProgress(
    session,
    vscode.l10n.t('Repairing'),
    steps.length === 0 ? [step(vscode.l10n.t('all files'))] : steps,
  );
  return results.flatMap((result) => result.shares);
}

async function tellRepaired(
  context: CommandContext,
  asked: readonly ShareInfo[],
  repaired: readonly RepairedShare[],
): Promise<void> {
  const touched = repaired.filter(({ shards }) => shards.length > 0);
  const failed = touched.filter(({ shards }) => shards.some(({ outcome }) => outcome === 'failed'));
  const [first] = touched;
  const log = vscode.l10n.t('Show Log');
  for (const share of touched) context.log.info(logLine(share));
  if (failed.length > 0) {
    const names = failed.map((share) => noticeText(shareTitle(share)));
    const why = failed.flatMap(({ shards }) => shards.flatMap(({ problem }) => problem ?? []));
    const answer = await vscode.window.showWarningMessage(
      [
        vscode.l10n.t('Not everything could be repaired: {0}.', some(names)),
        ...why.slice(0, 1).map(noticeText),
      ].join(' '),
      log,
    );
    if (answer === log) await vscode.commands.executeCommand(commandIds.showLog);
    return;
  }
  const [only] = asked;
  const words =
    first === undefined
      ? [vscode.l10n.t('Nothing is missing: there was nothing to repair.')]
      : touched.length > 1
        ? [vscode.l10n.t('Repaired {0} files: all of their parts are held again.', touched.length)]
        : [vscode.l10n.t('Repaired {0}: {1}.', noticeText(shareTitle(first)), partsText(first))];
  if (asked.length === 1 && only !== undefined) await tellOne(context, only, words);
  else void vscode.window.showInformationMessage(words.join(' '));
}

/** Says how one file stands now, and offers to do without holders that are away. */
async function tellOne(
  context: CommandContext,
  { shareId }: ShareInfo,
  words: readonly string[],
): Promise<void> {
  const client = await context.session.client();
  const share = await client.request('find', { share: shareId }, AbortSignal.timeout(10_000));
  const away = share.holders.filter(({ online }) => !online).map(({ name }) => noticeText(name));
  const fate = vscode.l10n.t('Now it {0}.', noticeText(survival(share)));
  const text = [...words, ...(riskOf(share).spare > 0 ? [fate] : [])];
  if (away.length === 0) {
    void vscode.window.showInformationMessage(text.join(' '));
    return;
  }
  text.push(vscode.l10n.t('Offline, and still counted as holders: {0}.', some(away)));
  const anew = vscode.l10n.t('Make Their Parts Anew');
  if ((await vscode.window.showInformationMessage(text.join(' '), anew)) !== anew) return;
  const results = await repair(context, [share], true);
  context.views.files.refresh();
  void tellRepaired(context, [], results);
}

/** What was done for a file, by whom. */
function partsText({ shards }: RepairedShare): string {
  const by = (outcome: 'made' | 'mended'): string[] =>
    shards.filter((shard) => shard.outcome === outcome).map(({ name }) => noticeText(name));
  const made = by('made');
  const mended = by('mended');
  return [
    ...(mended.length === 0 ? [] : [vscode.l10n.t('put right by {0}', some(mended))]),
    ...(made.length === 0 ? [] : [vscode.l10n.t('made anew on {0}', some(made))]),
  ].join(', ');
}

function some(names: readonly string[]): string {
  const shown = [...new Set(names)];
  return shown.length > 4
    ? vscode.l10n.t('{0} and {1} more', shown.slice(0, 4).join(', '), shown.length - 4)
    : shown.join(', ');
}

/** The log is for people who look closely, always in English. */
function logLine({ shareId, live, total, shards }: RepairedShare): string {
  const done = shards.map(({ shard, outcome, name, problem }) =>
    `shard ${String(shard)} ${outcome} ${noticeText(name)} ${noticeText(problem ?? '')}`.trim(),
  );
  return `repaired ${shareId}: ${String(live)} of ${String(total)} held; ${done.join('; ')}`;
}
