import * as vscode from 'vscode';
import type { TransferInfo } from '../control/contract.js';

/** What a transfer is of, in words; not escaped. */
export function transferName({ name, kind }: Pick<TransferInfo, 'name' | 'kind'>): string {
  if (name !== '') return name;
  return kind === 'leave' ? vscode.l10n.t('what this peer holds') : vscode.l10n.t('all files');
}
