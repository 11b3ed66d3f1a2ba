import type { Logger } from '../../common/logger.js';
import type { Peer } from '../../peer/peer.js';
import { PeerError } from '../../common/errors.js';
import type { SelfInfo } from '../contract.js';
import { openPeer } from './openPeer.js';
import { selfInfo } from './peerInfo.js';

export interface GroupOptions {
  readonly dataDir: string;
  readonly runtimeDir: string;
  readonly logger: Logger;
  readonly name: string;
  readonly listen?: string;
}

/** Makes the identity and a new group; no peer runs afterwards. */
export function initGroup(
  options: GroupOptions & { readonly groupName: string },
): Promise<SelfInfo> {
  return withPeer(options, async (peer) => {
    await peer.createGroup(options.groupName, options.name);
  });
}

/** Makes the identity and redeems an invite; no peer runs afterwards. */
export function joinGroup(
  options: GroupOptions & { readonly code: string; readonly signal: AbortSignal },
): Promise<SelfInfo> {
  return withPeer(options, async (peer) => {
    await peer.join(options.code, options.name, options.signal);
  });
}

async function withPeer(
  options: GroupOptions,
  task: (peer: Peer) => Promise<void>,
): Promise<SelfInfo> {
  const { peer, close } = await openPeer(options);
  try {
    if (options.listen !== undefined) await peer.settings.change({ listen: options.listen });
    await task(peer);
    const self = selfInfo(peer);
    if (self === null) throw new PeerError('internal', 'The group was not kept.');
    return self;
  } finally {
    await close();
  }
}
