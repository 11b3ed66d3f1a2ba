import { PeerError } from '../../common/errors.js';
import type { ControlClient } from '../../control/contract.js';
import type { PeerSession } from '../peerSession.js';

/** The attached client of a peer that belongs to no group yet. @throws {PeerError} `already-in-group` */
export async function requireNoGroup(session: PeerSession): Promise<ControlClient> {
  const client = await session.client();
  const self = session.status?.self;
  if (self != null) {
    throw new PeerError(
      'already-in-group',
      `This machine is in the group ${self.groupName} already.`,
    );
  }
  return client;
}
