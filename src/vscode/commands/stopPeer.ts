import * as vscode from 'vscode';
import type { Command } from './command.js';

/** Ends the peer process of a group, for all windows of this user; asks first when transfers run. */
export const stopPeer: Command = async ({ group, session }) => {
  const running = group.transfers.all.filter(
    ({ state }) => state === 'running' || state === 'waiting',
  ).length;
  if (running > 0) {
    const stop = vscode.l10n.t('Stop Peer');
    const answer = await vscode.window.showWarningMessage(
      running === 1
        ? vscode.l10n.t('A transfer is running. Stop the peer all the same?')
        : vscode.l10n.t('{0} transfers are running. Stop the peer all the same?', running),
      { modal: true },
      stop,
    );
    if (answer !== stop) return;
  }
  await session.stop();
};
