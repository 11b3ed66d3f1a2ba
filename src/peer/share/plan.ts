import { createHmac, randomBytes } from 'node:crypto';
import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Holder } from '../holder.js';
import type { OwnIdentity } from '../membership/membership.js';
import { parseRedundancy, preferred, quorum, type Redundancy } from '../placement.js';
import type { ShareDraft } from '../transfers/task.js';
import { chooseHolders } from './chosenHolders.js';
import type { ShareDependencies } from './shareFile.js';

/** Who gets which part of a share, and under which names and keys it goes there. */
export interface SharePlan extends Redundancy {
  /** Hex, like the four that follow. */
  readonly shareId: string;
  readonly random: string;
  readonly keySeed: string;
  readonly contentKey: string;
  /** Shard s is meant for holder s. */
  readonly holders: readonly Holder[];
  /** Who takes a shard instead, best first. */
  readonly spares: readonly Holder[];
  /** Holders that have to confirm. */
  readonly needed: number;
  readonly warnings: readonly string[];
}

/**
 * @param chosen node ids of those who are to hold it before others; may be empty
 * @throws PeerError `too-few-peers`, `usage`; `unreachable` when none of the chosen ones can be reached
 */
export function planShare(
  deps: ShareDependencies,
  redundancy: string,
  chosen: readonly string[] = [],
): SharePlan {
  const remote = deps.remoteHolders();
  const { k, m } = choose(remote.length, redundancy);
  const { shareId, random, isFirst, warnings } = chooseHolders(deps, chosen, {
    shards: k + m,
    reachable: remote.map(({ nodeId }) => nodeId),
    rank: (id) => rank(deps, id, remote, k + m).map(({ nodeId }) => nodeId),
  });
  const ranked = rank(deps, toHex(shareId), remote, k + m);
  const order = [...ranked.filter(isFirst), ...ranked.filter((holder) => !isFirst(holder))];
  const keySeed = toHex(new Uint8Array(randomBytes(32)));
  return {
    ...{ k, m, shareId: toHex(shareId), random: toHex(random), keySeed },
    contentKey: contentKeyOf(deps.identity, keySeed),
    holders: order.slice(0, k + m),
    spares: order.slice(k + m),
    needed: quorum({ k, m }),
    warnings: [...warnings, ...warningsOf(m, remote.length)],
  };
}

/** The same share again, with the same holders first. */
export function planAgain(deps: ShareDependencies, draft: ShareDraft): SharePlan {
  const { shareId, random, keySeed, geometry, holders } = draft;
  const { k, m } = geometry;
  const remote = deps.remoteHolders();
  return {
    ...{ k, m, shareId, random, keySeed, contentKey: contentKeyOf(deps.identity, keySeed) },
    holders: holders.map((nodeId) => deps.holder(nodeId)),
    spares: rank(deps, shareId, remote, k + m).filter(({ nodeId }) => !holders.includes(nodeId)),
    needed: quorum({ k, m }),
    warnings: warningsOf(m, remote.length),
  };
}

/**
 * A key for one share. What is kept of it while the share is under way tells nothing without this peer's own key, which
 * lies in a file of its own.
 */
function contentKeyOf(identity: OwnIdentity, seed: string): string {
  return createHmac('sha256', identity.agree(identity.ecdhPublic))
    .update(`chunk-partitioner/1/content\0${identity.nodeId}\0${seed}`)
    .digest('hex');
}

/**
 * As repair places shards, so that nothing has to move afterwards. This peer comes last: it takes a part where there are
 * too few others, or none with room; never the only one.
 */
function rank(
  deps: ShareDependencies,
  shareId: string,
  remote: readonly Holder[],
  shards: number,
): Holder[] {
  const all = shards > 1 ? [...remote, deps.localHolder] : remote;
  const byId = new Map(all.map((holder) => [holder.nodeId, holder]));
  const candidates = [...byId.keys()].map((nodeId) => ({ nodeId, stays: deps.stays(nodeId) }));
  return preferred(shareId, deps.identity.nodeId, candidates)
    .map((nodeId) => byId.get(nodeId))
    .filter((holder) => holder !== undefined);
}

function choose(reachable: number, text: string): Redundancy {
  if (reachable === 0) {
    throw new PeerError('too-few-peers', 'No other peer of the group can be reached.', {
      hint: 'Start another peer, or invite one.',
    });
  }
  const { k, m } = parseRedundancy(text, reachable);
  if (k + m - reachable > 1) {
    throw new PeerError(
      'too-few-peers',
      `${text} needs ${k + m} peers; ${reachable} can be reached.`,
      { hint: 'Start more peers, or choose a lower redundancy.', details: { needed: k + m } },
    );
  }
  return { k, m };
}

function warningsOf(m: number, reachable: number): string[] {
  const warnings: string[] = [];
  if (m === 0) warnings.push('Only one peer holds this file: if it is lost, the file is lost.');
  if (reachable < 4) {
    warnings.push(`Only ${reachable} other peers can be reached; four or more are better.`);
  }
  return warnings;
}
