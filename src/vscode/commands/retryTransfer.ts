import * as vscode from 'vscode';
import type { TransferInfo } from '../../control/contract.js';
import type { Command, CommandContext } from './command.js';
import { downloadFile } from './downloadFile.js';
import { repairFile } from './repairFile.js';
import { selectedRows } from './selectedRows.js';
import { shareFile } from './shareFile.js';
import { verifyEverything } from './verifyEverything.js';
import { verifyFile } from './verifyFile.js';

/** Does failed or cancelled transfers again. */
export const retryTransfer: Command = async (context, ...args) => {
  for (const { transfer } of selectedRows(args, 'transfer')) await retry(context, transfer);
};

async function retry(
  context: CommandContext,
  { kind, path, shareId }: TransferInfo,
): Promise<void> {
  if (kind === 'share' && path !== null) await shareFile(context, vscode.Uri.file(path));
  if (kind === 'get' && path !== null && shareId !== null) {
    await downloadFile(context, shareId, vscode.Uri.file(path));
  }
  if (kind === 'verify') {
    await (shareId === null ? verifyEverything(context) : verifyFile(context, shareId));
  }
  if (kind === 'repair') await repairFile(context, shareId ?? undefined);
}
