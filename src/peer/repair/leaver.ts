import { shardBytes } from '../../chunk/geometry.js';
import { PeerError } from '../../common/errors.js';
import type { HeldShard, ShardStore } from '../../store/store.js';
import type { Catalog, SignedShare } from '../catalog/catalog.js';
import type { Holder } from '../holder.js';
import { preferred } from '../placement.js';
import type { HolderService } from '../serve/holderService.js';
import { spareOf, type Holding, type ShareCensus } from './census.js';
import type { Dropper } from './dropper.js';
import { countedShare, type Holdings } from './holdings.js';
import { readBack } from './readBack.js';
import type { Repairer } from './repairer.js';
import type { Taker } from './taker.js';
import { shardKey } from '../shardKey.js';

export interface LeaverOptions {
  readonly nodeId: string;
  readonly catalog: Pick<Catalog, 'signed'>;
  readonly shards: Pick<ShardStore, 'allHeld' | 'held' | 'abort'>;
  readonly service: Pick<HolderService, 'adopt'>;
  readonly taker: Pick<Taker, 'giveUp'>;
  readonly holdings: Holdings;
  readonly repairer: Repairer;
  readonly dropper: Dropper;
  readonly holder: (nodeId: string) => Holder | undefined;
  /** Makes what this peer has signed agree with what is here. */
  readonly takeInventory: () => Promise<void>;
}

/** A share that loses a shard, or would, when this peer goes. */
export interface LeftBehind {
  readonly shareId: string;
  readonly shard: number;
  /** How many more holders may go without it. Negative: the share goes with this peer. */
  readonly spare: number;
  readonly problem: string;
}

export interface Left {
  /** Shards that others hold now. */
  readonly moved: number;
  /** Those that nobody could take. They are still here, unless it was forced. */
  readonly behind: readonly LeftBehind[];
}

/** Brings what this peer holds to others, so that it can be switched off for good. */
export class Leaver {
  constructor(private readonly options: LeaverOptions) {}

  /**
   * Shard by shard: another member takes it, or has it already; then this peer gives its own up. It looks again until
   * nothing is here but what nobody can take: authors may commit meanwhile what they were promised before.
   *
   * @param force gives up also what nobody took, at once
   * @throws PeerError `cancelled`: what was moved by then is with others, the rest is here
   */
  async leave(
    force: boolean,
    signal: AbortSignal,
    onProgress: (done: number, total: number) => void,
  ): Promise<Left> {
    await this.options.taker.giveUp();
    /** What stays, with the reason; null where nobody can fetch it anyway. */
    const staying = new Map<string, LeftBehind | null>();
    let moved = 0;
    let done = 0;
    let total = 0;
    for (;;) {
      const held = (await this.#committed()).filter((one) => !staying.has(shardKey(one)));
      total += held.reduce((sum, { geometry }) => sum + shardBytes(geometry), 0);
      for (const one of held) {
        onProgress(done, total);
        done += shardBytes(one.geometry);
        const outcome = await this.#part(one, force, signal);
        if (outcome === 'moved') moved += 1;
        else staying.set(shardKey(one), outcome);
      }
      if (held.length > 0) continue;
      const behind = [...staying.values()].filter((one) => one !== null);
      if ((behind.length > 0 && !force) || (await this.#breakPromises())) {
        await this.options.takeInventory(); // nobody is to count on what is not here any more
        onProgress(total, total);
        return { moved, behind };
      }
    }
  }

  /** What is here for good, with what its authors could not commit, and others have listed since. */
  async #committed(): Promise<readonly HeldShard[]> {
    const { shards, service } = this.options;
    for (const { shareId, state } of await shards.allHeld()) {
      if (state !== 'receipted') continue;
      // What its author describes otherwise is of use to nobody, and goes with what is not listed.
      await service.adopt(shareId).catch((error: unknown) => {
        if (!PeerError.is(error, 'integrity', 'protocol')) throw error;
      });
    }
    return (await shards.allHeld()).filter(({ state }) => state === 'committed');
  }

  /** @returns whether nothing was committed in the meantime: then authors learn at COMMIT that this peer is not with them */
  async #breakPromises(): Promise<boolean> {
    const { shards } = this.options;
    for (const { shareId, shard, state } of await shards.allHeld()) {
      if (state !== 'receipted' && state !== 'staging') continue;
      try {
        await shards.abort(shareId, shard);
      } catch (error) {
        if (PeerError.is(error, 'exists')) return false;
        throw error;
      }
    }
    return true;
  }

  async #part(
    { shareId, shard }: HeldShard,
    force: boolean,
    signal: AbortSignal,
  ): Promise<'moved' | LeftBehind | null> {
    const { catalog, dropper, shards } = this.options;
    const share = await catalog.signed(shareId).catch((error: unknown) => {
      if (PeerError.is(error, 'not-found')) return null;
      throw error;
    });
    if (share === null) return null;
    const problem = force ? 'It was not moved.' : await this.#moveAway(share, shard, signal);
    if (problem === null) return 'moved';
    // Whoever looks after surplus here may have been about to drop it: another one has it then.
    const isHere = (await shards.held(shareId)).some((one) => one.shard === shard);
    if (!isHere) return 'moved';
    const spare = await this.#spareWithout(share);
    if (force) await dropper.abandon(share, shard);
    return { shareId, shard, spare, problem };
  }

  /** @returns why not, if so. @throws PeerError `cancelled` */
  async #moveAway(share: SignedShare, shard: number, signal: AbortSignal): Promise<string | null> {
    const { holdings, repairer, nodeId } = this.options;
    try {
      const options = { onlyOnline: false, now: true, signal };
      const candidates = holdings.candidates().filter((one) => one.nodeId !== nodeId);
      const there = new Set(candidates.map((one) => one.nodeId));
      const look = async (): Promise<ShareCensus | undefined> =>
        (await holdings.census([countedShare(share)]))[0];
      let census = await look();
      const isDoubtful = ({ holderId, shard: of, standing }: Holding): boolean =>
        of === shard && standing === 'damaged' && there.has(holderId);
      if (census?.holdings.some(isDoubtful) === true) {
        // Who has put it right since can be relied on, and whoever is asked to take it would say so.
        await repairer.mendDoubtful(share.row.shareId, options);
        census = await look();
      }
      if (census === undefined) return null;
      const others = census.holdings
        .filter((one) => one.shard === shard && one.standing === 'live' && there.has(one.holderId))
        .map(({ holderId }) => holderId);
      if (await this.#drop(share, shard, others, signal)) return null;
      const holders = new Set(census.holdings.map(({ holderId }) => holderId));
      const takers = preferred(census.shareId, census.authorId, candidates).filter(
        (one) => !holders.has(one),
      );
      const { holderId, problem } = await repairer.place(share, shard, takers, options);
      if (holderId === null) return problem ?? 'Nobody took it.';
      const isDropped = await this.#drop(share, shard, [holderId], signal);
      return isDropped ? null : 'Whoever took it could not prove it.';
    } catch (error) {
      if (signal.aborted) throw error;
      return PeerError.from(error).message;
    }
  }

  /** Gives a shard up that one of these others has. @returns whether one has. @throws PeerError `cancelled` */
  async #drop(
    share: SignedShare,
    shard: number,
    others: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const { dropper, holder } = this.options;
    try {
      return (await dropper.drop(share, shard, others, signal)) !== null;
    } catch (error) {
      if (!PeerError.is(error, 'integrity', 'disk', 'not-found')) throw error;
    }
    // It is damaged here, so that nobody loses it with this one.
    for (const nodeId of others) {
      const other = holder(nodeId);
      if (other === undefined || (await readBack(share, shard, other, signal)) !== 'whole')
        continue;
      await dropper.abandon(share, shard);
      return true;
    }
    return false;
  }

  async #spareWithout(share: SignedShare): Promise<number> {
    const { holdings, nodeId } = this.options;
    const [census] = await holdings.census([countedShare(share)]);
    if (census === undefined) return 0;
    return spareOf({
      ...census,
      holdings: census.holdings.filter(({ holderId }) => holderId !== nodeId),
    });
  }
}
