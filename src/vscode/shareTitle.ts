import * as vscode from 'vscode';
import type { ShareInfo } from '../control/contract.js';

/** The name of a share; of one that this machine has no key for, what else tells it apart. Not escaped. */
export function shareTitle({ name, shareId }: Pick<ShareInfo, 'name' | 'shareId'>): string {
  return name === '' ? vscode.l10n.t('sealed: {0}', shareId.slice(0, 12)) : name;
}
