import * as vscode from 'vscode';
import { section } from '../ids.js';
import { keepServing } from '../settings.js';

/**
 * Asks once, when a group is created or joined, whether this machine serves files after the editor closes. The
 * answer becomes the setting, which the session hands to the peer. No answer means: ask again next time.
 */
export async function askKeepServing(): Promise<void> {
  if (keepServing() !== 'ask') return;
  const yes = vscode.l10n.t('Keep Serving');
  const no = vscode.l10n.t('Only While Open');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('Should this machine keep serving files to the group after the editor closes?'),
    yes,
    no,
  );
  if (answer === undefined) return;
  await vscode.workspace
    .getConfiguration(section)
    .update('keepServing', answer === yes ? 'always' : 'never', vscode.ConfigurationTarget.Global);
}
