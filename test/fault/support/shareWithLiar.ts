import type { ShareInfo } from '../../../src/control/contract.js';
import type { TestPeer } from '../../support/peers.js';
import { shareNow } from './calls.js';
import type { Liar } from './liar.js';

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
    const made = await shareNow(author, path, redundancy);
    const own = made.holders.find(({ nodeId }) => nodeId === liar.nodeId);
    if (own !== undefined && own.shard < made.k) return made;
  }
  throw new Error('the liar never became a holder');
}
