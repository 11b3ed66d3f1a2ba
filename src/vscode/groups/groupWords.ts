import * as vscode from 'vscode';
import type { Group } from './group.js';

/** How a group stands, in few words. */
export function groupWords({ session: { state, status } }: Group): string {
  switch (state) {
    case 'idle':
    case 'stopped':
      return vscode.l10n.t('stopped');
    case 'starting':
      return vscode.l10n.t('starting…');
    case 'failed':
      return vscode.l10n.t('could not be started');
    case 'running': {
      if (status?.self == null) return vscode.l10n.t('no group yet');
      if (status.self.removed !== null) return vscode.l10n.t('removed');
      const { peersOnline, peersKnown } = status;
      // This machine is one of them.
      return vscode.l10n.t('{0} of {1} online', peersOnline + 1, peersKnown + 1);
    }
  }
}
