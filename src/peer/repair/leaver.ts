import { shardBytes } from '../../chunk/geometry.js';
import { PeerError } from '../../common/errors.js';
import type { ShardStore } from '../../store/store.js';
import type { Catalog, SignedShare } from '../catalog/catalog.js';
import { spareOf } from './census.js';
import type { Dropper } from './dropper.js';
import { countedShare, type Holdings } from './holdings.js';
import { preferred } from '../placement.js';
import type { Repairer } from './repairer.js';

export interface LeaverOptions {
  readonly nodeId: string;
  readonly catalog: Pick<Catalog, 'signed'>;
  readonly shards: Pick<ShardStore, 'allHeld'>;
  readonly holdings: Holdings;
  readonly repairer: Repairer;
  readonly dropper: Dropper;
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
   * Shard by shard: another member takes it, or has it already; then this peer gives its own up.
   *
   * @param force gives up also what nobody took, at once
   * @throws PeerError `cancelled`: what was moved by then is with others, the rest is here
   */
  async leave(
    force: boolean,
    signal: AbortSignal,
    onProgress: (done: number, total: number) => void,
  ): Promise<Left> {
    const { shards, catalog, dropper } = this.options;
    const held = (await shards.allHeld()).filter(({ state }) => state === 'committed');
    const behind: LeftBehind[] = [];
    let moved = 0;
    const total = held.reduce((sum, { geometry }) => sum + shardBytes(geometry), 0);
    let done = 0;
    for (const { shareId, shard, geometry } of held) {
      onProgress(done, total);
      done += shardBytes(geometry);
      const share = await catalog.signed(shareId).catch((error: unknown) => {
        if (PeerError.is(error, 'not-found')) return null; // nobody can fetch it
        throw error;
      });
      if (share === null) continue;
      const problem = force ? 'It was not moved.' : await this.#moveAway(share, shard, signal);
      if (problem === null) moved += 1;
      else behind.push({ shareId, shard, spare: await this.#spareWithout(share), problem });
      if (problem !== null && force) await dropper.abandon(share, shard);
    }
    onProgress(total, total);
    return { moved, behind };
  }

  /** @returns why not, if so */
  async #moveAway(share: SignedShare, shard: number, signal: AbortSignal): Promise<string | null> {
    const { holdings, repairer, dropper, nodeId } = this.options;
    const candidates = holdings.candidates().filter((one) => one.nodeId !== nodeId);
    const [census] = await holdings.census([countedShare(share)]);
    if (census === undefined) return null;
    const there = new Set(candidates.map((one) => one.nodeId));
    const others = census.holdings
      .filter((one) => one.shard === shard && one.standing === 'live' && there.has(one.holderId))
      .map(({ holderId }) => holderId);
    if ((await dropper.drop(share, shard, others, signal)) !== null) return null;
    const holders = new Set(census.holdings.map(({ holderId }) => holderId));
    const takers = preferred(census.shareId, census.authorId, candidates).filter(
      (one) => !holders.has(one),
    );
    const options = { onlyOnline: false, now: true, signal };
    const { holderId, problem } = await repairer.place(share, shard, takers, options);
    if (holderId === null) return problem ?? 'Nobody took it.';
    const relied = await dropper.drop(share, shard, [holderId], signal);
    return relied === null ? 'Whoever took it could not prove it.' : null;
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
