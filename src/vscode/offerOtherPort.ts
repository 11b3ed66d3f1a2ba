import * as vscode from 'vscode';
import type { Disposable } from '../common/disposable.js';
import { hostOf } from '../common/hostPort.js';
import { section } from './ids.js';
import type { PeerSession } from './peerSession.js';
import { showError } from './showError.js';
import { noticeText } from './visibleText.js';

/** The address that the user configured is taken: says where the peer listens instead, and offers to keep that. */
export function offerOtherPort(session: PeerSession): Disposable {
  const asked = new Set<string>();
  return session.onDidFindPortTaken(({ listen, listening }) => {
    // Once for each address in a window: who left it as it is knows.
    if (asked.has(listen)) return;
    asked.add(listen);
    ask(listen, listening).catch((error: unknown) => void showError(error));
  });
}

async function ask(listen: string, listening: string): Promise<void> {
  const another = vscode.l10n.t('Use Another Port');
  const settings = vscode.l10n.t('Open Settings');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'The peer cannot listen on {0}: another program uses that port, or the address is not of this machine. It listens on {1} instead.',
      noticeText(listen),
      noticeText(listening),
    ),
    ...(hostOf(listening) === hostOf(listen) ? [another] : []),
    settings,
  );
  if (answer === settings) {
    await vscode.commands.executeCommand('workbench.action.openSettings', `${section}.listen`);
  }
  if (answer !== another) return;
  await vscode.workspace
    .getConfiguration(section)
    .update('listen', listening, vscode.ConfigurationTarget.Global);
}
