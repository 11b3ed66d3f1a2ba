import { hostname } from 'node:os';
import * as vscode from 'vscode';
import { visibleText } from '../visibleText.js';

/** Where the peer and the files are, when that is not where the user sits: in a remote window, the other machine. */
export function machineWords(): string | undefined {
  if (vscode.env.remoteName === undefined) return undefined;
  return vscode.l10n.t('on {0}', visibleText(hostname()));
}
