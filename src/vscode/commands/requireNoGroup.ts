import * as vscode from 'vscode';
import type { ControlClient } from '../../control/contract.js';
import { LocalError } from '../errorWords.js';
import type { PeerSession } from '../peerSession.js';

/** The attached client of a peer that belongs to no group yet. @throws {PeerError} `already-in-group` */
export async function requireNoGroup(session: PeerSession): Promise<ControlClient> {
  const client = await session.client();
  const self = session.status?.self;
  if (self != null) {
    throw new LocalError(
      'already-in-group',
      vscode.l10n.t('This machine is in the group {0} already.', self.groupName),
    );
  }
  return client;
}
