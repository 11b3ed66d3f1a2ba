import { randomUUID } from 'node:crypto';
import type { GetParams, GetResult, ShareInfo } from '../../../src/control/contract.js';
import type { TestPeer } from '../../support/peers.js';
import type { Liar } from './liar.js';

/** Shares a file over the control channel: no process has to start for it. */
export async function share(peer: TestPeer, path: string, redundancy = 'auto'): Promise<ShareInfo> {
  const transferId = randomUUID();
  const client = await peer.client();
  return (await client.request('share', { transferId, path, redundancy })).share;
}

/** Brings a share to `path`. @throws PeerError */
export async function get(
  peer: TestPeer,
  shareId: string,
  path: string,
  options: Pick<GetParams, 'overwrite' | 'entries'> = {},
): Promise<GetResult> {
  const transferId = randomUUID();
  const client = await peer.client();
  return await client.request('get', { transferId, share: shareId, path, ...options });
}

/** Most attempts: who holds what is drawn anew for each. */
const attempts = 40;

/** Shares a file until the liar is one of its holders, with a shard that is asked for before those of parity. */
export async function shareWithLiar(
  author: TestPeer,
  liar: Liar,
  path: string,
  redundancy: string,
): Promise<ShareInfo> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const made = await share(author, path, redundancy);
    const own = made.holders.find(({ nodeId }) => nodeId === liar.nodeId);
    if (own !== undefined && own.shard < made.k) return made;
  }
  throw new Error('the liar never became a holder');
}
