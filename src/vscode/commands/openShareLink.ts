import * as vscode from 'vscode';
import { PeerError } from '../../common/errors.js';
import { parseLink } from '../../common/links.js';
import { openLink } from '../links/openLink.js';
import type { MachineCommand } from './command.js';

/** Asks for a link, as the editor or the terminal made it, and shows what it leads to. */
export const openShareLink: MachineCommand = async (context, argument) => {
  const text = typeof argument === 'string' ? argument : await askLink();
  if (text !== undefined) await openLink(context, text);
};

async function askLink(): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Open Share Link'),
    prompt: vscode.l10n.t('Link to a share, or to an invite'),
    placeHolder: 'chunk-partitioner://share/…',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? undefined : problem(text)),
  });
}

function problem(text: string): string | undefined {
  try {
    parseLink(text);
    return undefined;
  } catch (error) {
    return PeerError.from(error).message;
  }
}
