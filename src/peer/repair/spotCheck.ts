import { randomInt } from 'node:crypto';
import type { HeldShard } from '../../store/store.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';
import { countedShare, type Holdings } from './holdings.js';
import { readBack } from './readBack.js';

export interface SpotCheckOptions {
  readonly nodeId: string;
  readonly catalog: Pick<Catalog, 'signed'>;
  readonly holdings: Holdings;
  readonly holder: (nodeId: string) => Holder | undefined;
  readonly signal: AbortSignal;
}

/** A shard that its holder could not show. */
export interface BrokenWord {
  readonly holderId: string;
  readonly shareId: string;
  readonly shard: number;
}

/**
 * Asks one holder of one share for one piece, all three chosen by chance, so that nobody can count on not being asked.
 *
 * @param held what this peer holds: of these shares the others are asked
 * @returns null where nothing is known to be wrong
 */
export async function spotCheck(
  { nodeId, catalog, holdings, holder, signal }: SpotCheckOptions,
  held: readonly HeldShard[],
): Promise<BrokenWord | null> {
  const one = held[randomInt(Math.max(1, held.length))];
  if (one === undefined || signal.aborted) return null;
  const share = await catalog.signed(one.shareId).catch(() => null);
  if (share === null) return null;
  const [census] = await holdings.census([countedShare(share)]);
  const others = (census?.holdings ?? []).filter(
    ({ holderId, standing }) =>
      holderId !== nodeId && standing === 'live' && holder(holderId) !== undefined,
  );
  const other = others[randomInt(Math.max(1, others.length))];
  const who = other === undefined ? undefined : holder(other.holderId);
  if (other === undefined || who === undefined) return null;
  const { shard, holderId } = other;
  const found = await readBack(share, shard, who, signal);
  return found === 'damaged' ? { holderId, shareId: one.shareId, shard } : null;
}
