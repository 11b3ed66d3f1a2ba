import * as vscode from 'vscode';
import type { DependentFile, LeaveOutlook, PeerInfo } from '../../control/contract.js';
import { formatCount } from '../format.js';
import { shareTitle } from '../shareTitle.js';
import { age } from './age.js';
import { lentText, peerTitle, peerWords, type PeerFacts } from './peerItem.js';
import { tooltip, type TooltipPart } from './tooltip.js';

/** Files that a tooltip names. */
export const filesInTooltip = 5;

/** @param outlook undefined where nothing is known of what would become of its files */
export function peerTooltip(
  facts: PeerFacts,
  outlook: LeaveOutlook | undefined,
): vscode.MarkdownString {
  const { peer } = facts;
  return tooltip(peerTitle(peer), [
    peerWords(facts).join(' · '),
    ...about(peer, facts.now),
    ...(outlook === undefined ? [] : dependence(outlook)),
  ]);
}

function about(peer: PeerInfo, now: number): TooltipPart[] {
  return [
    peer.address === '' ? undefined : vscode.l10n.t('Address: {0}', peer.address),
    peer.attempt && vscode.l10n.t('Last tried: {0}', age(peer.attempt.at, now)),
    peer.nodeId === '' ? undefined : vscode.l10n.t('Node id: {0}', peer.nodeId),
    peer.space === null ? undefined : lentText(peer.space),
    peer.admin ? vscode.l10n.t('Admin of this group') : undefined,
    peer.role === 'storage' ? vscode.l10n.t('Stores only, and reads nothing') : undefined,
    peer.stays ? vscode.l10n.t('Keeps serving after its editor closes') : undefined,
  ];
}

/** Which files depend on it, the most endangered first. */
function dependence({ files, lost, atRisk, dependent }: LeaveOutlook): TooltipPart[] {
  if (files === 0) return [vscode.l10n.t('No file depends on it.')];
  const count = (number: number): string => formatCount(number, vscode.env.language);
  const endangered = dependent.filter(({ spareWithout }) => spareWithout <= 0);
  const named = (of: (file: DependentFile) => boolean): string[] =>
    endangered.filter(of).map(shareTitle);
  if (lost + atRisk === 0) {
    return [vscode.l10n.t('Keeps a part of {0} files; all survive without it.', count(files))];
  }
  return [
    vscode.l10n.t('Keeps a part of {0} files.', count(files)),
    lost === 0
      ? undefined
      : {
          heading: vscode.l10n.t('Gone without it: {0}', count(lost)),
          names: named(({ spareWithout }) => spareWithout < 0),
        },
    atRisk === 0
      ? undefined
      : {
          heading: vscode.l10n.t('At risk without it: {0}', count(atRisk)),
          names: named(({ spareWithout }) => spareWithout === 0),
        },
  ];
}
