import * as vscode from 'vscode';
import type { ErrorInfo, TransferInfo, TransferKind } from '../../control/contract.js';
import { errorWords } from '../errorWords.js';
import { formatBytes, formatDuration, percent } from '../format.js';
import { rowKinds } from '../ids.js';
import { transferName } from '../transferName.js';
import { visibleText } from '../visibleText.js';
import { age } from './age.js';
import { tooltip } from './tooltip.js';

/** One row of the Transfers view. */
export function transferItem(transfer: TransferInfo, now: number): vscode.TreeItem {
  const title = transferName(transfer);
  const name = visibleText(title);
  const item = new vscode.TreeItem(name);
  item.iconPath = new vscode.ThemeIcon(icon(transfer));
  item.contextValue = kind(transfer);
  const words = describe(transfer, now);
  item.description = words.join(' · ');
  item.tooltip = tooltip(title, [
    [kindName(transfer.kind), ...words].join(' · '),
    transfer.path ?? undefined,
    transfer.error === null ? undefined : errorWords(transfer.error).join(' '),
  ]);
  item.accessibilityInformation = { label: [kindName(transfer.kind), name, ...words].join(', ') };
  return item;
}

/** What a progress notification says: percent, rate, time left, peers. */
export function liveFigures(transfer: TransferInfo): string[] {
  const left = (transfer.bytesTotal - transfer.bytesDone) / transfer.bytesPerSecond;
  return [
    `${String(percent(transfer.bytesDone, transfer.bytesTotal))}%`,
    // A verification moves next to nothing: its holders read, and answer in a word.
    ...(transfer.bytesPerSecond > 0 && transfer.kind !== 'verify'
      ? [`${formatBytes(transfer.bytesPerSecond)}/s`]
      : []),
    ...(Number.isFinite(left) && left > 0
      ? [vscode.l10n.t('{0} left', formatDuration(left * 1000))]
      : []),
    ...(transfer.peers > 0
      ? [
          transfer.peers === 1
            ? vscode.l10n.t('1 peer')
            : vscode.l10n.t('{0} peers', transfer.peers),
        ]
      : []),
  ];
}

function icon(transfer: TransferInfo): string {
  switch (transfer.state) {
    case 'running':
      return 'sync~spin';
    case 'waiting':
      return 'watch';
    case 'paused':
      return 'debug-pause';
    case 'done':
      return transfer.kind === 'verify' ? 'pass' : 'check';
    case 'failed':
      return 'error';
    case 'cancelled':
      return 'circle-slash';
  }
}

/** Whether it is under way, and could go on later. */
export function isPausable({ state, kind: of }: TransferInfo): boolean {
  return (state === 'running' || state === 'waiting') && (of === 'share' || of === 'get');
}

function kind(transfer: TransferInfo): string {
  const { state, resumable } = transfer;
  if (isPausable(transfer)) return rowKinds.pausable;
  if (state === 'running' || state === 'waiting') return rowKinds.running;
  if (resumable) return rowKinds.resumable;
  return transfer.state === 'done' ? rowKinds.ended : rowKinds.retryable;
}

function describe(transfer: TransferInfo, now: number): string[] {
  const ago = age(transfer.endedAt ?? now, now);
  switch (transfer.state) {
    case 'running': {
      const [first = '', ...more] = liveFigures(transfer);
      return [`${arrows[transfer.kind]} ${first}`, ...more];
    }
    case 'waiting':
      return [
        vscode.l10n.t('waiting for peers'),
        `${String(percent(transfer.bytesDone, transfer.bytesTotal))}%`,
      ];
    case 'paused':
      return [
        vscode.l10n.t('paused'),
        `${String(percent(transfer.bytesDone, transfer.bytesTotal))}%`,
      ];
    case 'done':
      return [
        doneWords(transfer.kind),
        ...(transfer.kind === 'verify' ? [] : [formatBytes(transfer.bytesTotal)]),
        ago,
      ];
    case 'failed':
      return [reason(transfer.error), ago];
    case 'cancelled':
      return [vscode.l10n.t('cancelled'), ago];
  }
}

/** Why it failed, in words. */
function reason(error: ErrorInfo | null): string {
  const words = error === null ? [vscode.l10n.t('failed')] : errorWords(error).slice(0, 1);
  return visibleText(words.join(' '));
}

const arrows: Readonly<Record<TransferKind, string>> = {
  share: '↑',
  get: '↓',
  verify: '✓',
  repair: '+',
  leave: '→',
};

function doneWords(kind: TransferKind): string {
  switch (kind) {
    case 'share':
      return vscode.l10n.t('shared');
    case 'get':
      return vscode.l10n.t('downloaded, proved here');
    case 'verify':
      return vscode.l10n.t('checked by its holders');
    case 'repair':
      return vscode.l10n.t('repaired');
    case 'leave':
      return vscode.l10n.t('moved to others');
  }
}

/** What a transfer does, such as `Sharing`. */
export function kindName(kind: TransferKind): string {
  switch (kind) {
    case 'share':
      return vscode.l10n.t('Sharing');
    case 'get':
      return vscode.l10n.t('Downloading');
    case 'verify':
      return vscode.l10n.t('Verifying');
    case 'repair':
      return vscode.l10n.t('Repairing');
    case 'leave':
      return vscode.l10n.t('Moving to Others');
  }
}
