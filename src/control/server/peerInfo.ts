import { formatNodeId } from '../../net/nodeIdText.js';
import type { Attempt } from '../../peer/mesh/dialer.js';
import type { OnlinePeer } from '../../peer/mesh/mesh.js';
import { noMember } from '../../peer/membership/noMember.js';
import type { Rates } from '../../peer/mesh/rates.js';
import type { Space } from '../../peer/mesh/spaces.js';
import type { Peer } from '../../peer/peer.js';
import type { PeerInfo, PeerState, SelfInfo } from '../contract.js';

/** This peer in its group; null before it has one. */
export function selfInfo(peer: Peer): SelfInfo | null {
  const { membership } = peer;
  if (!membership.hasGroup) return null;
  const { nodeId, groupId, roster } = membership;
  const role = (membership.member(nodeId) ?? roster.former.get(nodeId))?.role ?? 'member';
  const dismissal = membership.dismissal;
  return {
    nodeId,
    nodeIdText: formatNodeId(nodeId),
    name: membership.nameOf(nodeId),
    groupId,
    groupName: roster.name,
    admin: role === 'admin' && dismissal === null,
    role,
    removed: dismissal?.message ?? null,
  };
}

/** All members, this peer first, then configured addresses where nobody was met, and who is no member any more. */
export function peerInfos(
  peer: Peer,
  shards: ReadonlyMap<string, number>,
  spaces: ReadonlyMap<string, Space>,
  rates: Rates,
): PeerInfo[] {
  const { membership, mesh, addressBook } = peer;
  if (!membership.hasGroup) return [];
  const members = [...membership.roster.members.values()].map((member): PeerInfo => {
    const online = mesh.get(member.nodeId);
    const own = member.nodeId === membership.nodeId;
    const known = addressBook.get(member.nodeId);
    const here = online !== undefined || own;
    const rate = online === undefined ? null : rateOf(rates, online);
    return {
      nodeId: member.nodeId,
      name: member.name,
      address: own ? mesh.listening : (online?.address ?? known?.addresses[0] ?? ''),
      state: own ? 'self' : stateOf(peer, member.nodeId),
      admin: member.role === 'admin',
      role: member.role,
      lost: membership.isLost(member.nodeId),
      latencyMs: online?.latencyMs ?? null,
      ...(rate !== null && { bytesPerSecond: Math.round(rate) }),
      lastSeen: here ? Date.now() : (known?.lastSeen ?? 0),
      shards: shards.get(member.nodeId) ?? 0,
      stays: own ? peer.stays : (known?.stays ?? false),
      space: spaces.get(member.nodeId) ?? null,
      ...failure(here ? undefined : mesh.attempts.lastAttempt(member.nodeId)),
    };
  });
  rates.keep(new Set(membership.roster.members.keys()));
  const unmet = mesh.attempts.unmet().map((address): PeerInfo => {
    const last = mesh.attempts.lastAttempt(address);
    return {
      nodeId: '',
      name: address,
      address,
      state: last?.problem?.code === 'not-trusted' ? 'blocked' : 'unknown',
      ...nothingKnown,
      ...failure(last),
    };
  });
  const former = [...membership.roster.former.values()].map(({ nodeId, name, role }): PeerInfo => {
    const own = nodeId === membership.nodeId;
    return {
      ...{ nodeId, name, address: '', state: own ? 'self' : 'removed' },
      ...{ ...nothingKnown, role, lastSeen: addressBook.get(nodeId)?.lastSeen ?? 0 },
      problem: noMember(membership.roster, nodeId)?.message ?? null,
    };
  });
  const rank = (info: PeerInfo): number =>
    info.state === 'self' ? 0 : info.state === 'online' ? 1 : 2;
  members.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  former.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  return [...members, ...unmet, ...former];
}

const nothingKnown: Omit<PeerInfo, 'nodeId' | 'name' | 'address' | 'state' | 'problem'> = {
  admin: false,
  role: 'member',
  lost: false,
  latencyMs: null,
  lastSeen: 0,
  shards: 0,
  stays: false,
  space: null,
};

function rateOf(rates: Rates, { nodeId, connection }: OnlinePeer): number | null {
  const { sent, received } = connection.counters;
  return rates.look(nodeId, sent + received);
}

function failure(last: Attempt | undefined): Pick<PeerInfo, 'problem' | 'attempt'> {
  if (last?.problem === undefined) return { problem: null };
  const { at, problem } = last;
  return { problem: problem.message, attempt: { at, code: problem.code } };
}

function stateOf(peer: Peer, nodeId: string): PeerState {
  const { mesh } = peer;
  if (mesh.get(nodeId) !== undefined) return 'online';
  if (mesh.attempts.isConnecting(nodeId)) return 'connecting';
  return mesh.attempts.lastAttempt(nodeId)?.problem?.code === 'not-trusted' ? 'blocked' : 'offline';
}
