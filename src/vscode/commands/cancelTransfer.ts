import * as vscode from 'vscode';
import { isRow } from '../views/rows.js';
import { pickText } from '../visibleText.js';
import type { Command } from './command.js';

/** Cancels a running transfer: a row of the Transfers view, an id, or what the user picks. */
export const cancelTransfer: Command = async ({ session, views }, argument) => {
  const transferId = await chooseTransfer(argument);
  if (transferId === undefined) return;
  const client = await session.client();
  await client.request('cancel', { transferId }, AbortSignal.timeout(10_000));

  async function chooseTransfer(chosen: unknown): Promise<string | undefined> {
    if (isRow(chosen, 'transfer')) return chosen.transfer.transferId;
    if (typeof chosen === 'string') return chosen;
    const running = views.transferLog.all.filter(({ endedAt }) => endedAt === null);
    if (running.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t('No transfer is running.'));
      return undefined;
    }
    const picked = await vscode.window.showQuickPick(
      running.map(({ transferId: id, name }) => ({ label: pickText(name), id })),
      { title: vscode.l10n.t('Cancel a Transfer') },
    );
    return picked?.id;
  }
};
