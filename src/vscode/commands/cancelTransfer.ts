import * as vscode from 'vscode';
import { transferName } from '../transferName.js';
import { pickText } from '../visibleText.js';
import { changeTransfers } from './changeTransfers.js';
import type { Command } from './command.js';
import { selectedRows } from './selectedRows.js';

/** Cancels running transfers: rows of the Transfers view, an id, or what the user picks. */
export const cancelTransfer: Command = async ({ group, session }, ...args) => {
  const rows = selectedRows(args, 'transfer').map(({ transfer }) => transfer);
  const transferId = rows.length > 0 ? undefined : await chooseTransfer(args[0]);
  const chosen = transferId === undefined ? rows : [{ transferId }];
  await changeTransfers(session, 'cancel', chosen);

  async function chooseTransfer(argument: unknown): Promise<string | undefined> {
    if (typeof argument === 'string') return argument;
    const running = group.transfers.all.filter(({ endedAt }) => endedAt === null);
    if (running.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t('No transfer is running.'));
      return undefined;
    }
    const picked = await vscode.window.showQuickPick(
      running.map((transfer) => ({
        label: pickText(transferName(transfer)),
        id: transfer.transferId,
      })),
      { title: vscode.l10n.t('Cancel a Transfer') },
    );
    return picked?.id;
  }
};
