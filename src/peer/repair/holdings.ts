import type { Catalog, SignedShare } from '../catalog/catalog.js';
import { sourcesOf, type Source } from '../get/sources.js';
import type { Holder } from '../holder.js';
import type { Membership } from '../membership/membership.js';
import type { Absences } from './absences.js';
import type { ShareCensus } from './census.js';
import type { DamageBook } from './damageBook.js';
import { standingOf, type Grace } from './grace.js';
import type { Candidate } from '../placement.js';

/** A share, as far as its holders are concerned. */
export type CountedShare = Omit<ShareCensus, 'holdings'>;

export interface HoldingsOptions {
  readonly nodeId: string;
  readonly catalog: Pick<Catalog, 'heldBy'>;
  readonly membership: Pick<Membership, 'member' | 'hasGroup' | 'roster'>;
  readonly absences: Pick<Absences, 'of'>;
  readonly damage: DamageBook;
  readonly isLost: (nodeId: string) => boolean;
  /** Whether this peer has given its shards away. */
  readonly isLeaving: () => boolean;
  readonly stays: (nodeId: string) => boolean;
  readonly grace: () => Grace;
  /** A member that can be reached now, this peer included. */
  readonly holder: (nodeId: string) => Holder | undefined;
}

/** Who holds what, and who could, as this peer sees it now. */
export class Holdings {
  constructor(private readonly options: HoldingsOptions) {}

  /** @param onlyOnline who cannot be reached now does not count, whatever the grace */
  async census(shares: readonly CountedShare[], onlyOnline = false): Promise<ShareCensus[]> {
    const { catalog, membership, absences, damage, isLost, stays, holder } = this.options;
    const grace = onlyOnline ? { staysMs: 0, othersMs: 0 } : this.options.grace();
    const ids = shares.map(({ shareId }) => shareId);
    const found = new Map<string, ShareCensus['holdings'][number][]>();
    for (const { shareId, shard, holderId } of await catalog.heldBy(ids)) {
      const standing = standingOf(
        {
          isMember: membership.member(holderId) !== undefined,
          isLost: isLost(holderId),
          isOnline: holder(holderId) !== undefined,
          awayMs: absences.of(holderId),
          stays: stays(holderId),
          damage: damage.of(shareId, shard, holderId),
        },
        grace,
      );
      const holdings = found.get(shareId) ?? [];
      found.set(shareId, holdings);
      holdings.push({ holderId, shard, standing });
    }
    return shares.map((share) => ({ ...share, holdings: found.get(share.shareId) ?? [] }));
  }

  /** Members that can be reached and were not given up, this peer included. */
  candidates(): Candidate[] {
    const { membership, nodeId: self, isLost, isLeaving, stays, holder } = this.options;
    if (!membership.hasGroup) return [];
    return [...membership.roster.members.keys()]
      .filter((nodeId) => !isLost(nodeId) && holder(nodeId) !== undefined)
      .filter((nodeId) => nodeId !== self || !isLeaving())
      .map((nodeId) => ({ nodeId, stays: stays(nodeId) }));
  }

  /** Where pieces of a share can be had: from others that are there; of what is damaged in places, the rest may be all there is. */
  async sources(share: SignedShare): Promise<Source[]> {
    const { catalog, nodeId, damage, holder } = this.options;
    const { shareId } = share.row;
    const locations = (await catalog.heldBy([shareId])).filter(
      ({ holderId, shard }) =>
        holderId !== nodeId && damage.of(shareId, shard, holderId) !== 'lied',
    );
    const sources = sourcesOf({ share, locations, holder });
    for (const source of sources) {
      source.isDamaged = damage.of(shareId, source.shard, source.holder.nodeId) !== null;
    }
    return sources;
  }
}

/** What is counted of a share whose manifest is at hand. */
export function countedShare({ row }: SignedShare): CountedShare {
  const { shareId, authorId, k, m } = row;
  return { shareId, authorId, k, n: k + m };
}
