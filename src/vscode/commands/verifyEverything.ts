import * as vscode from 'vscode';
import type { UnsoundShare, VerifyAllResult } from '../../control/contract.js';
import { PeerError } from '../../common/errors.js';
import { formatCount } from '../format.js';
import type { Group } from '../groups/group.js';
import { commandIds } from '../ids.js';
import { shareTitle } from '../shareTitle.js';
import { cancellable, runWithProgress } from '../transferProgress.js';
import { groupRow } from '../views/rows.js';
import { noticeText, visibleText } from '../visibleText.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';

/** Asks every holder of every file to read its shards again and check every chunk. */
export const verifyEverything: Command = async ({ group, session, views, log }) => {
  await requireGroup(session);
  let result: VerifyAllResult | undefined;
  await runWithProgress(session, vscode.l10n.t('Verifying everything'), [
    {
      label: vscode.l10n.t('all files'),
      run: async (client, transferId, signal) => {
        result = await cancellable(client, transferId, signal, () =>
          client.request('verifyAll', { transferId }),
        );
      },
    },
  ]);
  if (result === undefined) {
    throw new PeerError('internal', 'The verification ended without an answer.');
  }
  for (const line of result.unsound.map(logLine)) log.info(line);
  views.files.refresh();
  void tellVerified(group, result);
};

/** One message for many files. */
export async function tellVerified(
  group: Group,
  { checked, whole, unsound }: VerifyAllResult,
): Promise<void> {
  const count = (number: number): string => formatCount(number, vscode.env.language);
  if (unsound.length === 0) {
    void vscode.window.showInformationMessage(
      checked === 0
        ? vscode.l10n.t('Nobody has shared a file with this group yet.')
        : vscode.l10n.t('All {0} files are whole, reported by their holders.', count(checked)),
    );
    return;
  }
  const damaged = unsound.filter(({ onlyUnreachable }) => !onlyUnreachable);
  const away = unsound.filter(({ onlyUnreachable }) => onlyUnreachable);
  const words = [
    vscode.l10n.t(
      '{0} of {1} files are whole, reported by their holders.',
      count(whole),
      count(checked),
    ),
    ...(damaged.length === 0 ? [] : [vscode.l10n.t('Damaged: {0}.', names(damaged))]),
    ...(away.length === 0
      ? []
      : [vscode.l10n.t('Holders that cannot be reached keep parts of {0}.', names(away))]),
  ];
  const repair = vscode.l10n.t('Repair');
  const log = vscode.l10n.t('Show Log');
  const actions = damaged.length === 0 ? [log] : [repair, log];
  const answer = await vscode.window.showWarningMessage(words.join(' '), ...actions);
  if (answer === repair) {
    await vscode.commands.executeCommand(commandIds.repairFile, groupRow(group));
  }
  if (answer === log) await vscode.commands.executeCommand(commandIds.showLog);
}

function names(shares: readonly UnsoundShare[]): string {
  const shown = shares
    .slice(0, 3)
    .map((share) => noticeText(shareTitle(share)))
    .join(', ');
  return shares.length > 3 ? vscode.l10n.t('{0} and {1} more', shown, shares.length - 3) : shown;
}

/** The log is for people who look closely, always in English. */
function logLine(share: UnsoundShare): string {
  const what = share.onlyUnreachable ? 'not reachable' : 'damaged';
  const rest = share.recoverable ? 'can be downloaded' : 'too little of it is whole';
  const nobody = share.heldByNobody > 0 ? [`${String(share.heldByNobody)} held by nobody`] : [];
  const holders = [...share.holders.map(visibleText), ...nobody].join(', ');
  return `${visibleText(share.name)} ${share.shareId}: ${what} (reported): ${holders}; ${rest}`;
}
