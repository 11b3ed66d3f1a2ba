import * as vscode from 'vscode';
import { isRow } from '../views/rows.js';
import type { Command } from './command.js';
import { downloadFile } from './downloadFile.js';
import { shareFile } from './shareFile.js';
import { verifyFile } from './verifyFile.js';

/** Does a failed or cancelled transfer again. */
export const retryTransfer: Command = async (context, row) => {
  if (!isRow(row, 'transfer')) return;
  const { kind, path, shareId } = row.transfer;
  if (kind === 'share' && path !== null) await shareFile(context, vscode.Uri.file(path));
  if (kind === 'get' && path !== null && shareId !== null) {
    await downloadFile(context, shareId, vscode.Uri.file(path));
  }
  if (kind === 'verify' && shareId !== null) await verifyFile(context, shareId);
};
