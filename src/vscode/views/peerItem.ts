import * as vscode from 'vscode';
import type {
  PeerInfo,
  PeerRisk,
  PeerState,
  PeerStatus,
  SpaceInfo,
} from '../../control/contract.js';
import { errorWords, isEnglish } from '../errorWords.js';
import { formatBytes, formatCount, formatDuration } from '../format.js';
import { rowKinds } from '../ids.js';
import { visibleText } from '../visibleText.js';
import { machineWords } from './machine.js';

const icons: Readonly<Record<PeerState, string>> = {
  self: 'broadcast',
  online: 'vm-active',
  connecting: 'vm-connect',
  offline: 'vm-outline',
  blocked: 'warning',
  unknown: 'question',
  removed: 'circle-slash',
};

/** Below this, what moves is talk, and no news. Bytes a second. */
const noticeable = 20_000;

/** What a row shows of a peer. */
export interface PeerFacts {
  readonly peer: PeerInfo;
  readonly status: PeerStatus | undefined;
  /** Undefined where nothing hangs on it, and until that is known. */
  readonly risk: PeerRisk | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** One row of the Peers view. Its tooltip is made when somebody wants to see it. */
export function peerItem(facts: PeerFacts): vscode.TreeItem {
  const { peer } = facts;
  const label = peerTitle(peer);
  const item = new vscode.TreeItem(label);
  item.iconPath = new vscode.ThemeIcon(icons[peer.state]);
  item.contextValue = kind(peer.state);
  const words = peerWords(facts);
  item.description = words.join(' · ');
  const state = peer.state === 'online' ? [vscode.l10n.t('online')] : [];
  item.accessibilityInformation = { label: [label, ...state, ...words].join(', ') };
  return item;
}

export function peerKey({ nodeId, address }: PeerInfo): string {
  return `${nodeId}|${nodeId === '' ? address : ''}`;
}

/** What a peer is called here, shown safely. */
export function peerTitle({ name, address }: PeerInfo): string {
  return visibleText(name === '' ? address : name);
}

function kind(state: PeerState): string {
  switch (state) {
    case 'self':
      return rowKinds.self;
    case 'online':
      return rowKinds.online;
    case 'blocked':
      return rowKinds.blocked;
    case 'removed':
      return rowKinds.gone;
    default:
      return rowKinds.away;
  }
}

/** What is told of a peer beside its name. */
export function peerWords({ peer, status, risk, now }: PeerFacts): string[] {
  switch (peer.state) {
    case 'self':
      return [
        vscode.l10n.t('you'),
        ...problem(peer),
        ...(status === undefined ? [] : [status.listening, lentText(status.space)]),
        machineWords() ?? '',
      ].filter((word) => word !== '');
    case 'online':
      return [...speed(peer), holdings(peer), ...danger(risk), ...promise(peer)];
    case 'connecting':
      return [vscode.l10n.t('connecting…')];
    case 'blocked':
      return [vscode.l10n.t('blocked: another identity answers at its address'), ...danger(risk)];
    case 'removed':
      return [vscode.l10n.t('removed'), ...problem(peer)];
    case 'unknown':
      return [vscode.l10n.t('nobody met there yet'), ...problem(peer)];
    case 'offline':
      return [
        peer.lastSeen === 0
          ? vscode.l10n.t('never connected')
          : vscode.l10n.t('offline {0}', formatDuration(now - peer.lastSeen)),
        ...danger(risk),
        holdings(peer),
        ...problem(peer),
      ];
  }
}

/** How much of a disk is lent, and of how much. */
export function lentText({ lends, used }: SpaceInfo): string {
  return lends === null
    ? vscode.l10n.t('{0} lent', formatBytes(used))
    : vscode.l10n.t('{0} of {1} lent', formatBytes(used), formatBytes(lends));
}

/** Which files hang on a peer, in few words. */
function danger(risk: PeerRisk | undefined): string[] {
  if (risk === undefined) return [];
  const { lost, atRisk } = risk;
  if (lost > 0) {
    return [
      lost === 1
        ? vscode.l10n.t('1 file hangs on it')
        : vscode.l10n.t('{0} files hang on it', formatCount(lost, vscode.env.language)),
    ];
  }
  if (atRisk === 0) return [];
  return [
    atRisk === 1
      ? vscode.l10n.t('1 file at risk without it')
      : vscode.l10n.t('{0} files at risk without it', formatCount(atRisk, vscode.env.language)),
  ];
}

function speed({ latencyMs, bytesPerSecond = 0 }: PeerInfo): string[] {
  return [
    latencyMs === null ? vscode.l10n.t('online') : `${String(Math.round(latencyMs))} ms`,
    ...(bytesPerSecond >= noticeable ? [`${formatBytes(bytesPerSecond)}/s`] : []),
  ];
}

function holdings({ lost, shards: count }: PeerInfo): string {
  if (lost) return vscode.l10n.t('its shards are lost');
  return count === 1
    ? vscode.l10n.t('1 shard')
    : vscode.l10n.t('{0} shards', formatCount(count, vscode.env.language));
}

function promise({ stays }: PeerInfo): string[] {
  return stays ? [] : [vscode.l10n.t('only while its editor is open')];
}

/** Why it is not there; in another language than the peer’s only what has a code. */
function problem({ problem: words, attempt }: PeerInfo): string[] {
  if (words === null) return [];
  if (attempt === undefined) return isEnglish() ? [visibleText(words)] : [];
  return errorWords({ code: attempt.code, message: words }).slice(0, 1).map(visibleText);
}
