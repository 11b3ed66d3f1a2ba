import * as vscode from 'vscode';
import type { LeaveOutlook } from '../control/contract.js';
import { formatCount, formatDuration } from './format.js';

/** Whether a peer can leave, in words: the answer first, then what it is made of. Names are shown as they are given. */
export interface LeaveAnswer {
  readonly verdict: 'yes' | 'risky' | 'no';
  readonly answer: string;
  readonly reasons: readonly string[];
}

/** @param name of the peer, safe to show where the answer is shown */
export function leaveAnswer(outlook: LeaveOutlook, name: string): LeaveAnswer {
  const { files, lost, atRisk } = outlook;
  const reasons = [...later(outlook), ...repair(outlook), ...advice(outlook, name)];
  if (files === 0) {
    return { verdict: 'yes', answer: vscode.l10n.t('Yes: no file depends on {0}.', name), reasons };
  }
  if (lost > 0) {
    const more =
      atRisk === 0
        ? []
        : [vscode.l10n.t('Files that would not survive one more loss: {0}.', count(atRisk))];
    const answer =
      lost === 1
        ? vscode.l10n.t('No: 1 file would be gone with {0}.', name)
        : vscode.l10n.t('No: {0} files would be gone with {1}.', count(lost), name);
    return { verdict: 'no', answer, reasons: [...more, ...reasons] };
  }
  if (atRisk > 0) {
    const answer =
      atRisk === 1
        ? vscode.l10n.t('Yes, with a risk: 1 file would not survive one more loss.')
        : vscode.l10n.t(
            'Yes, with a risk: {0} files would not survive one more loss.',
            count(atRisk),
          );
    return { verdict: 'risky', answer, reasons };
  }
  const answer = vscode.l10n.t(
    'Yes: all files that it keeps a part of survive it ({0}).',
    count(files),
  );
  return { verdict: 'yes', answer, reasons };
}

/** What could not be had for a while. */
function later({ unreachable }: LeaveOutlook): string[] {
  if (unreachable === 0) return [];
  return [
    vscode.l10n.t(
      'Files that could not be downloaded until other holders are back: {0}.',
      count(unreachable),
    ),
  ];
}

/** What repair would do, and when. */
function repair({ repairable, notRepairable, graceMs }: LeaveOutlook): string[] {
  const when =
    graceMs === 0
      ? vscode.l10n.t('at once')
      : vscode.l10n.t(
          'once it has been away for {0}, or at once when it is declared lost',
          formatDuration(graceMs),
        );
  return [
    ...(repairable === 0
      ? []
      : [
          vscode.l10n.t(
            'Files whose parts repair makes anew on others, {0}: {1}.',
            when,
            count(repairable),
          ),
        ]),
    ...(notRepairable === 0
      ? []
      : [
          vscode.l10n.t(
            'Files that repair can do nothing for, as things are: {0}. No peer is there that could take a part, or too few holders are.',
            count(notRepairable),
          ),
        ]),
  ];
}

function advice({ lost, atRisk, peer }: LeaveOutlook, name: string): string[] {
  const isHere = peer.state === 'self' || peer.state === 'online';
  if (lost + atRisk === 0 || !isHere) return [];
  return [
    vscode.l10n.t(
      'Run “{0}” on {1} before it goes for good: it brings its parts to others first.',
      'chunk-partitioner leave',
      name,
    ),
  ];
}

function count(number: number): string {
  return formatCount(number, vscode.env.language);
}
