import * as vscode from 'vscode';
import type { ControlClient } from '../../control/contract.js';
import { LocalError } from '../errorWords.js';
import type { PeerSession } from '../peerSession.js';

/** The attached client of a peer that belongs to a group. @throws {PeerError} `no-group` */
export async function requireGroup(session: PeerSession): Promise<ControlClient> {
  const client = await session.client();
  if (session.status?.self == null) {
    throw new LocalError('no-group', vscode.l10n.t('This machine belongs to no group yet.'), {
      hint: vscode.l10n.t('Create a group, or join one with an invite.'),
    });
  }
  return client;
}
