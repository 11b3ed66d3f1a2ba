import { visible } from '../../common/visible.js';
import * as z from 'zod';
import type { PeerInfo, PeerRisk, PeerState } from '../../control/contract.js';
import { spaceText } from '../shareText.js';
import { table } from '../text.js';
import { formatAge, formatCount } from '../units.js';
import { meetPeers, withPeer, type Verb } from '../verb.js';

export const peersVerb: Verb = {
  syntax: 'peers',
  summary: 'list the members of the group and whether they can be reached',
  configure: (command) =>
    command.option('--risk', 'tell how many files would be lost, or at risk, if each of them left'),
  run: (context, _args, options) =>
    withPeer(context, async (client) => {
      const { output, deps } = context;
      await meetPeers(client, deps.signal);
      const { peers } = await client.request('peers', null, deps.signal);
      const { risk = false } = optionsSchema.parse(options);
      if (!risk) output.result({ peers }, peersText(peers, Date.now()));
      else {
        const { peers: risks } = await client.request('risk', null, deps.signal);
        output.result({ peers, risks }, peersText(peers, Date.now(), risks));
      }
      return 0;
    }),
};

const optionsSchema = z.object({ risk: z.boolean().optional() });

const states: Readonly<Record<PeerState, string>> = {
  self: 'this machine',
  online: 'online',
  connecting: 'connecting',
  offline: 'offline',
  blocked: 'blocked',
  removed: 'removed',
  unknown: 'not met yet',
};

/**
 * The table of peers, and below it why some cannot be reached, and when that was tried.
 *
 * @param risks what hangs on whom, for a column of its own
 */
export function peersText(
  peers: readonly PeerInfo[],
  now: number,
  risks?: readonly PeerRisk[],
): string[] {
  const rows = peers.map((peer) => [
    peer.name === '' ? '–' : visible(peer.name),
    stateText(peer, now),
    peer.address === '' ? '–' : visible(peer.address),
    formatCount(peer.shards),
    peer.space === null ? '–' : spaceText(peer.space),
    peer.nodeId === '' ? '–' : peer.role,
    ...(risks === undefined ? [] : [riskText(risks.find(({ nodeId }) => nodeId === peer.nodeId))]),
    peer.nodeId === '' ? '–' : peer.nodeId.slice(0, 16),
  ]);
  const risk = risks === undefined ? [] : ['IF IT LEAVES'];
  const head = ['NAME', 'STATE', 'ADDRESS', 'SHARDS', 'LENT', 'ROLE', ...risk, 'ID'];
  const problems = peers
    .filter((peer) => peer.problem !== null)
    .map((peer) => {
      const tried = peer.attempt === undefined ? '' : ` Tried ${formatAge(peer.attempt.at, now)}.`;
      return `${visible(peer.name || peer.address)}: ${visible(peer.problem ?? '')}${tried}`;
    });
  return [
    ...table([head, ...rows], ['left', 'left', 'left', 'right']),
    ...(problems.length > 0 ? ['', ...problems] : []),
  ];
}

function riskText(risk: PeerRisk | undefined): string {
  if (risk === undefined) return 'all survive';
  const { lost, atRisk } = risk;
  return [
    ...(lost === 0 ? [] : [`${formatCount(lost)} lost`]),
    ...(atRisk === 0 ? [] : [`${formatCount(atRisk)} at risk`]),
  ].join(', ');
}

function stateText(peer: PeerInfo, now: number): string {
  return peer.lost ? `${presence(peer, now)}, pieces lost` : presence(peer, now);
}

function presence(peer: PeerInfo, now: number): string {
  if (peer.state === 'online' && peer.latencyMs !== null) {
    return `online, ${peer.latencyMs < 1 ? '<1' : peer.latencyMs.toFixed(0)} ms`;
  }
  if (peer.state === 'offline' && peer.lastSeen > 0) {
    return `offline, seen ${formatAge(peer.lastSeen, now)}`;
  }
  return states[peer.state];
}
