import { PeerError } from '../../common/errors.js';
import type { ControlClient } from '../../control/contract.js';
import type { PeerSession } from '../peerSession.js';

/** The attached client of a peer that belongs to a group. @throws {PeerError} `no-group` */
export async function requireGroup(session: PeerSession): Promise<ControlClient> {
  const client = await session.client();
  if (session.status?.self == null) {
    throw new PeerError('no-group', 'This machine belongs to no group yet.', {
      hint: 'Create a group, or join one with an invite.',
    });
  }
  return client;
}
