import { randomUUID } from 'node:crypto';
import type { GetParams, GetResult, ShareInfo } from '../../../src/control/contract.js';
import type { TestPeer } from '../../support/peers.js';

/** Shares a path by the control channel: a process of the terminal takes longer to start than the transfer takes. */
export async function shareNow(
  peer: TestPeer,
  path: string,
  redundancy = 'auto',
): Promise<ShareInfo> {
  const client = await peer.client();
  const transferId = randomUUID();
  return (await client.request('share', { transferId, path, redundancy })).share;
}

/** The same for getting a share, by its id or name. @throws PeerError */
export async function get(
  peer: TestPeer,
  share: string,
  path: string,
  options: Pick<GetParams, 'overwrite' | 'entries'> = {},
): Promise<GetResult> {
  const client = await peer.client();
  const transferId = randomUUID();
  return await client.request('get', { transferId, share, path, ...options });
}

/** In place of whatever file is there. */
export async function getNow(peer: TestPeer, share: string, path: string): Promise<GetResult> {
  return await get(peer, share, path, { overwrite: true });
}

/** Names of everything that a peer lists, in their order. */
export async function namesOf(peer: TestPeer): Promise<readonly string[]> {
  const client = await peer.client();
  const { shares } = await client.request('list', { order: 'name', cursor: null, limit: 1000 });
  return shares.map(({ name }) => name);
}
