import { equalBytes } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { HeldBy, ShardStore, StateStore } from '../../store/store.js';
import type { Catalog } from '../catalog/catalog.js';
import { repairLimits } from '../limits.js';
import type { OwnWord } from './ownWord.js';
import { shardKey } from '../shardKey.js';

const { inventoryAtOnce } = repairLimits;

export interface InventoryOptions {
  readonly nodeId: string;
  readonly shards: Pick<ShardStore, 'allHeld' | 'held' | 'seal'>;
  readonly state: Pick<StateStore, 'heldOf'>;
  readonly catalog: Pick<Catalog, 'signed'>;
  readonly word: OwnWord;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Makes what this peer has signed agree with what lies on its disk: after a crash between the two, a file that was lost, or
 * a directory that was restored. Nothing is removed.
 */
export async function takeInventory(options: InventoryOptions): Promise<void> {
  const { shards, state, word, nodeId, logger, signal } = options;
  const held = await shards.allHeld();
  const here = new Set(held.filter(({ state: stage }) => stage !== 'staging').map(shardKey));
  const said = new Set<string>();
  for (let after: HeldBy | null = null; !signal.aborted;) {
    const page: readonly HeldBy[] = await state.heldOf(nodeId, after, inventoryAtOnce);
    for (const { shareId, shard } of page) {
      const key = shardKey({ shareId, shard });
      said.add(key);
      if (here.has(key)) continue;
      // It may have come since.
      const now = await shards.held(shareId);
      if (now.some((one) => one.shard === shard && one.state !== 'staging')) continue;
      logger.warn('a shard that this peer signed for is not here', shareId, shard);
      await word.release(shareId, shard);
    }
    after = page.at(-1) ?? null;
    if (page.length < inventoryAtOnce) break;
  }
  for (const { shareId, shard, state: stage } of held) {
    if (signal.aborted) return;
    if (stage !== 'committed' || said.has(shardKey({ shareId, shard }))) continue;
    try {
      await promiseAgain(options, shareId, shard);
    } catch (error) {
      logger.debug('nothing is said of a shard', shareId, shard, PeerError.from(error).code);
    }
  }
}

async function promiseAgain(
  { catalog, shards, word, logger }: InventoryOptions,
  shareId: string,
  shard: number,
): Promise<void> {
  const share = await catalog.signed(shareId);
  const { roots, geometry } = share.manifest;
  const root = roots[geometry.k === 1 ? 0 : shard];
  if (root === undefined || !equalBytes(await shards.seal(shareId, shard), root)) return;
  logger.info('signs again for a shard that is here', shareId, shard);
  await word.promise(share, shard);
}
