import { newShareId, type NewShareId } from '../../chunk/shareId.js';
import { fromHex, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { shareLimits } from '../limits.js';
import type { Membership, OwnIdentity } from '../membership/membership.js';

/** An id for a share, and who comes first for its shards. */
export interface ChosenHolders extends NewShareId {
  readonly isFirst: (holder: { readonly nodeId: string }) => boolean;
  readonly warnings: readonly string[];
}

export interface Choice {
  /** Shards of the share, k + m. */
  readonly shards: number;
  /** Node ids of other members that can be reached. */
  readonly reachable: readonly string[];
  /** Node ids of all who can hold a shard of a share, by its id in hex, best first. */
  readonly rank: (shareId: string) => readonly string[];
}

/**
 * Where a share goes is a matter of its id: every member ranks holders by it, and moves what lies elsewhere. So ids are
 * drawn until the chosen ones are among the first: then they stay its holders, and nobody has to be told.
 *
 * @param chosen node ids; none leaves the choice to the first id
 * @throws PeerError `unreachable` when none of them can be reached
 */
export function chooseHolders(
  {
    identity,
    membership,
  }: {
    readonly identity: Pick<OwnIdentity, 'nodeId'>;
    readonly membership: Pick<Membership, 'groupId' | 'nameOf'>;
  },
  chosen: readonly string[],
  { shards, reachable, rank }: Choice,
): ChosenHolders {
  const draw = (): NewShareId => newShareId(fromHex(membership.groupId), fromHex(identity.nodeId));
  if (chosen.length === 0) return { ...draw(), isFirst: () => false, warnings: [] };
  const there = new Set(chosen.filter((nodeId) => reachable.includes(nodeId)));
  if (there.size === 0) throw noneReachable();
  const wanted = Math.min(there.size, shards);
  const hits = (id: NewShareId): number =>
    rank(toHex(id.shareId))
      .slice(0, shards)
      .filter((nodeId) => there.has(nodeId)).length;
  let best = draw();
  let most = hits(best);
  for (let drawn = 1; drawn < shareLimits.draws && most < wanted; drawn += 1) {
    const next = draw();
    const count = hits(next);
    if (count > most) [best, most] = [next, count];
  }
  const names = (ids: readonly string[]): string =>
    ids.map((id) => membership.nameOf(id)).join(', ');
  const away = chosen.filter((nodeId) => !there.has(nodeId));
  return {
    ...best,
    isFirst: ({ nodeId }) => there.has(nodeId),
    warnings: [
      ...(away.length === 0 ? [] : [`Chosen, and not to be reached now: ${names(away)}.`]),
      ...(there.size >= shards
        ? []
        : [
            `It needs ${String(shards)} holders and ${String(there.size)} of the chosen ones can be reached (${names([...there])}): others take the rest.`,
          ]),
      ...(most === wanted
        ? []
        : ['Upkeep may move parts from the chosen peers later, to peers that promised to stay.']),
    ],
  };
}

function noneReachable(): PeerError {
  return new PeerError('unreachable', 'None of the chosen peers can be reached.', {
    hint: 'Choose others, or let the group choose.',
  });
}
