import type { StateStore } from '../../store/store.js';
import type { Catalog, SignedShare } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';
import { repairLimits } from '../limits.js';
import { missingShards, spareOf, type ShareCensus } from './census.js';
import type { DamageBook } from './damageBook.js';
import type { Holdings } from './holdings.js';
import { mostEndangeredFirst } from './plan.js';
import { readBack } from './readBack.js';
import type { Repairer, RepairOptions, ShareRepair } from './repairer.js';

export interface OnDemandRepairOptions {
  readonly catalog: Pick<Catalog, 'signed'>;
  readonly state: Pick<StateStore, 'listShares'>;
  readonly holdings: Holdings;
  readonly damage: DamageBook;
  readonly repairer: Repairer;
  readonly holder: (nodeId: string) => Holder | undefined;
  /** Has all holders of a share re-read what they have of it, and takes over what they find. */
  readonly verify: (share: SignedShare, signal: AbortSignal) => Promise<unknown>;
}

/** Repair that somebody asks for: it waits for nobody's turn, and looks first whether what is signed for is there. */
export class OnDemandRepair {
  constructor(private readonly options: OnDemandRepairOptions) {}

  /** Re-reads all shards of a share and has made anew what is missing. @throws PeerError `not-found`, `cancelled` */
  async one(shareId: string, options: RepairOptions): Promise<ShareRepair> {
    const { catalog, repairer, verify } = this.options;
    await verify(await catalog.signed(shareId), options.signal);
    return await repairer.repair(shareId, options);
  }

  /** All listed shares, the most endangered first; answers those that lacked something. @throws PeerError `cancelled` */
  async all(options: RepairOptions): Promise<readonly ShareRepair[]> {
    const { state, holdings, repairer } = this.options;
    const lacking: { readonly shareId: string; readonly spare: number }[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof state.listShares>> = await state.listShares(
        cursor,
        repairLimits.sharesAtOnce,
      );
      const shares = page.shares.map(({ shareId, authorId, k, m }) => ({
        ...{ shareId, authorId, k, n: k + m },
      }));
      for (const census of await holdings.census(shares, options.onlyOnline)) {
        const probed = await this.#probe(census, options);
        if (missingShards(probed).length > 0) {
          lacking.push({ shareId: probed.shareId, spare: spareOf(probed) });
        }
      }
      cursor = page.cursor;
    } while (cursor !== null);
    const repairs: ShareRepair[] = [];
    for (const { shareId } of mostEndangeredFirst(lacking)) {
      repairs.push(await repairer.repair(shareId, options));
    }
    return repairs;
  }

  /** Asks everybody who is there for one piece of what it holds of a share. */
  async #probe(census: ShareCensus, { onlyOnline, signal }: RepairOptions): Promise<ShareCensus> {
    const { catalog, holdings, damage, holder } = this.options;
    const share = await catalog.signed(census.shareId);
    await Promise.all(
      census.holdings.map(async ({ holderId, shard }) => {
        const who = holder(holderId);
        if (who === undefined) return;
        const found = await readBack(share, shard, who, signal);
        if (found === 'damaged') damage.report(census.shareId, shard, holderId, 'damaged');
      }),
    );
    const [probed] = await holdings.census([census], onlyOnline);
    return probed ?? census;
  }
}
