import * as vscode from 'vscode';
import type { ShareGrid, TransferInfo } from '../../control/contract.js';
import { formatBytes, percent } from '../format.js';
import { shareTitle } from '../shareTitle.js';
import { age } from '../views/age.js';
import { survival } from '../views/fileItem.js';
import { kindName, liveFigures } from '../views/transferItem.js';
import { visibleText } from '../visibleText.js';
import type { MapPlace } from './mapTarget.js';
import type { HostMessage, MapAction } from './messages.js';

/** What the page is told of a grid: everything that others named is escaped here. */
export function mapMessage(
  target: MapPlace,
  grid: ShareGrid,
  transfers: readonly TransferInfo[],
  now: number,
): Extract<HostMessage, { type: 'show' }> {
  const { share, size, k, m, chunksPerShard, edges } = grid;
  return {
    type: 'show',
    target,
    title: visibleText(share === null ? grid.name : shareTitle(share)),
    facts: [
      formatBytes(size),
      vscode.l10n.t('{0} data + {1} parity shards', k, m),
      ...(share === null ? [vscode.l10n.t('not listed before all is sent')] : []),
      ...(share === null ? [] : [visibleText(survival(share))]),
      ...(share?.verified == null ? [] : [verifiedWords(share.verified, now)]),
    ],
    activities: transfers.map((transfer) => ({
      text: [kindName(transfer.kind), ...liveFigures(transfer)].join(' · '),
      percent: percent(transfer.bytesDone, transfer.bytesTotal),
    })),
    actions: actionsOf(grid, transfers),
    grid: {
      ...{ k, chunksPerShard, edges },
      rows: grid.rows.map((row) => ({
        ...row,
        name: visibleText(row.name),
        problem: row.problem === null ? null : visibleText(row.problem),
      })),
    },
  };
}

function verifiedWords({ at, ok }: { at: number; ok: boolean }, now: number): string {
  return ok
    ? vscode.l10n.t('reported whole {0}', age(at, now))
    : vscode.l10n.t('reported damaged {0}', age(at, now));
}

/** What is being done already is not offered. */
function actionsOf({ share }: ShareGrid, transfers: readonly TransferInfo[]): MapAction[] {
  if (share === null) return [];
  const isDone = (kind: TransferInfo['kind']): boolean =>
    transfers.some((one) => one.kind === kind);
  return [
    ...(isDone('verify') || isDone('repair') ? [] : (['verify', 'repair'] as const)),
    // Without its key nothing can be made of its pieces here.
    ...(share.name === '' ? [] : (['download'] as const)),
  ];
}
