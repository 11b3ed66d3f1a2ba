import * as vscode from 'vscode';
import type { PeerInfo, PeerState, PeerStatus, SpaceInfo } from '../../control/contract.js';
import { errorWords } from '../errorWords.js';
import { formatBytes, formatCount, formatDuration } from '../format.js';
import { rowKinds } from '../ids.js';
import { visibleText } from '../visibleText.js';
import { age } from './age.js';

const icons: Readonly<Record<PeerState, string>> = {
  self: 'broadcast',
  online: 'vm-active',
  connecting: 'vm-connect',
  offline: 'vm-outline',
  blocked: 'warning',
  unknown: 'question',
  removed: 'circle-slash',
};

/** One row of the Peers view. @param now milliseconds since 1970 */
export function peerItem(
  peer: PeerInfo,
  status: PeerStatus | undefined,
  now: number,
): vscode.TreeItem {
  const label = visibleText(peer.name || peer.address);
  const item = new vscode.TreeItem(label);
  item.id = `${peer.nodeId}|${peer.nodeId === '' ? peer.address : ''}`;
  item.iconPath = new vscode.ThemeIcon(icons[peer.state]);
  item.contextValue = kind(peer.state);
  const words = describe(peer, status, now);
  item.description = words.join(' · ');
  item.tooltip = tooltip(peer, label, words, now);
  item.accessibilityInformation = { label: [label, ...words].join(', ') };
  return item;
}

function kind(state: PeerState): string {
  if (state === 'self') return rowKinds.self;
  if (state === 'removed') return rowKinds.gone;
  return state === 'online' ? rowKinds.online : rowKinds.away;
}

function describe(peer: PeerInfo, status: PeerStatus | undefined, now: number): string[] {
  switch (peer.state) {
    case 'self':
      return [
        vscode.l10n.t('you'),
        ...problem(peer),
        ...(status === undefined ? [] : [status.listening, lent(status.space)]),
      ].filter((word) => word !== '');
    case 'online':
      return [
        ...(peer.latencyMs === null
          ? [vscode.l10n.t('online')]
          : [`${String(Math.round(peer.latencyMs))} ms`]),
        holdings(peer),
        ...(peer.stays ? [] : [vscode.l10n.t('only while its editor is open')]),
      ];
    case 'connecting':
      return [vscode.l10n.t('connecting…')];
    case 'blocked':
      return [vscode.l10n.t('blocked: another identity answers at its address')];
    case 'removed':
      return [vscode.l10n.t('removed'), ...problem(peer)];
    case 'unknown':
      return [vscode.l10n.t('nobody met there yet'), ...problem(peer)];
    case 'offline':
      return [
        peer.lastSeen === 0
          ? vscode.l10n.t('never connected')
          : vscode.l10n.t('offline {0}', formatDuration(now - peer.lastSeen)),
        holdings(peer),
        ...problem(peer),
      ];
  }
}

function lent({ lends, used }: SpaceInfo): string {
  return lends === null
    ? vscode.l10n.t('{0} lent', formatBytes(used))
    : vscode.l10n.t('{0} of {1} lent', formatBytes(used), formatBytes(lends));
}

function holdings({ lost, shards: count }: PeerInfo): string {
  if (lost) return vscode.l10n.t('its shards are lost');
  return count === 1
    ? vscode.l10n.t('1 shard')
    : vscode.l10n.t('{0} shards', formatCount(count, vscode.env.language));
}

function problem(peer: PeerInfo): string[] {
  if (peer.problem === null) return [];
  const [words = ''] =
    peer.attempt === undefined
      ? [peer.problem]
      : errorWords({ code: peer.attempt.code, message: peer.problem });
  return [visibleText(words)];
}

function tooltip(peer: PeerInfo, label: string, words: readonly string[], now: number): string {
  return [
    label,
    words.join(' · '),
    ...(peer.address === '' ? [] : [vscode.l10n.t('Address: {0}', visibleText(peer.address))]),
    ...(peer.attempt === undefined
      ? []
      : [vscode.l10n.t('Last tried: {0}', age(peer.attempt.at, now))]),
    ...(peer.nodeId === '' ? [] : [vscode.l10n.t('Node id: {0}', peer.nodeId)]),
    ...(peer.space === null ? [] : [lent(peer.space)]),
    ...(peer.admin ? [vscode.l10n.t('Admin of this group')] : []),
    ...(peer.role === 'storage' ? [vscode.l10n.t('Stores only, and reads nothing')] : []),
    ...(peer.stays ? [vscode.l10n.t('Keeps serving after its editor closes')] : []),
  ].join('\n');
}
