import type { StateStore } from '../store/store.js';
import type { Catalog, SignedShare } from './catalog/catalog.js';
import { whileThere } from './catalog/whileThere.js';
import type { Membership } from './membership/membership.js';
import type { Left } from './repair/leaver.js';
import type { ShareRepair } from './repair/repairer.js';
import type { Upkeep } from './repair/upkeep.js';
import type { Settings } from './settings.js';
import type { TransferProgress } from './transfers/transfer.js';
import type { Transfers } from './transfers/transfers.js';
import type { ShardCheck } from './verify.js';
import { isSound, verifyAll, type AllChecked } from './verifyAll.js';

export interface MaintenanceOptions {
  readonly membership: Pick<Membership, 'requireGroup'>;
  readonly catalog: Catalog;
  readonly state: Pick<StateStore, 'setVerified' | 'listShares' | 'heldBytes'>;
  readonly settings: Settings;
  readonly transfers: Transfers;
  readonly upkeep: Upkeep;
  /** Resolves when those who can be reached were, and their news taken over. */
  readonly ready: () => Promise<void>;
  /** How many members are connected now. */
  readonly peersOnline: () => number;
  /** Something else is known of shares. */
  readonly onVerified: () => void;
}

/** What people have done about shards that are there already: check them, make them anew, bring them elsewhere. */
export class Maintenance {
  /** While this peer gives its shards to others. */
  #isLeaving = false;

  constructor(private readonly options: MaintenanceOptions) {}

  /** Whether this peer takes no shards: it gives its own away, or has done so. */
  get isLeaving(): boolean {
    return this.#isLeaving || this.options.settings.current.leaving;
  }

  async verify(
    transferId: string,
    shareId: string,
    signal: AbortSignal,
  ): Promise<readonly ShardCheck[]> {
    const { catalog, transfers, ready } = this.options;
    await ready();
    const share = await catalog.signed(shareId);
    const name = share.row.name ?? shareId.slice(0, 8);
    return await transfers.run(
      { transferId, kind: 'verify', name, path: null },
      signal,
      async (progress) => {
        progress.named({ shareId });
        return await this.#verify(share, progress.signal, progress.moved);
      },
    );
  }

  /** The same of all that are listed, older versions left out, one after the other. @throws PeerError `cancelled` */
  async verifyAll(transferId: string, signal: AbortSignal): Promise<AllChecked> {
    const { membership, catalog, state, transfers, ready } = this.options;
    await ready();
    membership.requireGroup();
    return await transfers.run(
      { transferId, kind: 'verify', name: '', path: null },
      signal,
      (progress) =>
        verifyAll({
          state,
          verify: async ({ shareId }, onProgress) =>
            this.#verify(await catalog.signed(shareId), progress.signal, onProgress),
          onProgress: progress.moved,
        }),
    );
  }

  /**
   * Has the shards made that are missing, of one share or of all that are listed. Of one share everything is re-read
   * first; of others a piece of each shard.
   *
   * @param onlyOnline who cannot be reached now counts as gone, whatever the grace
   */
  async repair(
    transferId: string,
    share: { readonly shareId: string; readonly name: string } | null,
    onlyOnline: boolean,
    signal: AbortSignal,
  ): Promise<readonly ShareRepair[]> {
    const { membership, transfers, upkeep, ready } = this.options;
    await ready();
    membership.requireGroup();
    const name = share?.name ?? '';
    return await transfers.run(
      { transferId, kind: 'repair', name, path: null },
      signal,
      async (progress) => {
        if (share !== null) progress.named({ shareId: share.shareId });
        const options = {
          ...{ onlyOnline, now: true, signal: progress.signal },
          onProgress: this.#moved(progress),
        };
        return share === null
          ? await upkeep.onDemand.all(options)
          : [await upkeep.onDemand.one(share.shareId, options)];
      },
    );
  }

  /** Brings what this peer holds to others, and takes nothing more. @param force gives it up without that */
  async leave(transferId: string, force: boolean, signal: AbortSignal): Promise<Left> {
    const { membership, settings, transfers, upkeep, ready } = this.options;
    await ready();
    membership.requireGroup();
    return await transfers.run(
      { transferId, kind: 'leave', name: '', path: null },
      signal,
      async (progress) => {
        this.#isLeaving = true;
        try {
          const left = await upkeep.leaver.leave(force, progress.signal, this.#moved(progress));
          // If it still holds something, it goes on as a peer like any other.
          if (force || left.behind.length === 0) await settings.change({ leaving: true });
          return left;
        } finally {
          this.#isLeaving = false;
        }
      },
    );
  }

  /** Takes shards again, after it had left. */
  async rejoin(): Promise<void> {
    await this.options.settings.change({ leaving: false });
  }

  async #verify(
    share: SignedShare,
    signal: AbortSignal,
    onProgress: TransferProgress['moved'],
  ): Promise<readonly ShardCheck[]> {
    const { catalog, state, upkeep, onVerified } = this.options;
    const { shareId } = share.row;
    const checks = await whileThere(catalog, shareId, signal, (whileItIsThere) =>
      upkeep.verify(share, whileItIsThere, onProgress),
    );
    await state.setVerified(shareId, Date.now(), isSound(checks, share.row));
    onVerified();
    return checks;
  }

  /** Whoever is connected takes part. */
  #moved(progress: TransferProgress): (done: number, total: number) => void {
    return (done, total) => {
      progress.moved(done, total, this.options.peersOnline());
    };
  }
}
