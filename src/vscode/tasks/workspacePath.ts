import * as vscode from 'vscode';
import { LocalError } from '../errorWords.js';
import { pathWithin } from './pathWithin.js';

/** A path that a task names, absolute. @throws {PeerError} `not-trusted` when it leads out of the workspace folder */
export async function workspacePath(folder: string, given: string): Promise<string> {
  const found = await pathWithin(folder, given);
  if (found !== undefined) return found;
  throw new LocalError('not-trusted', vscode.l10n.t('“{0}” lies outside of the workspace.', given));
}
