import * as vscode from 'vscode';
import type { Finding, FindingKind } from '../control/contract.js';
import { formatDuration } from './format.js';
import { visibleText } from './visibleText.js';

export interface FindingWords {
  readonly said: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly advice: string;
}

/** What a finding is about; names and addresses are escaped. */
interface About {
  readonly name: string;
  readonly address: string;
  readonly platform: string;
  readonly ms: number;
}

/** What was found, for the user; names and addresses in it are escaped. */
export function findingWords(finding: Finding, platform: string): FindingWords {
  const { kind } = finding;
  // A newer peer may find what has no words here.
  const wordsOf = Object.hasOwn(words, kind) ? words[kind] : words.failed;
  const [said, advice = ''] = wordsOf({
    name: visibleText(finding.name),
    address: visibleText(finding.address),
    platform,
    ms: finding.ms ?? 0,
  });
  return { said, advice };
}

type Words = (about: About) => readonly [said: string, advice?: string];

const words: Readonly<Record<FindingKind, Words>> = {
  // This machine.
  'no-group': () => [vscode.l10n.t('This machine belongs to no group yet.')],
  removed: () => [
    vscode.l10n.t('This machine is no member of its group any more: everybody refuses it.'),
  ],
  'nobody-else': () => [
    vscode.l10n.t('Nobody else is in the group.'),
    vscode.l10n.t('Invite a peer.'),
  ],
  'no-network': () => [vscode.l10n.t('This machine is on no network.')],
  'loopback-only': ({ address }) => [
    vscode.l10n.t('The peer listens on {0}: only this machine can reach it.', address),
    vscode.l10n.t('To be reached by others, set Listen to 0.0.0.0:0.'),
  ],
  listening: ({ address }) => [vscode.l10n.t('The peer listens on {0}.', address)],
  firewall: ({ platform }) => [
    vscode.l10n.t('Others cannot begin a connection to this machine.'),
    firewallAdvice(platform),
  ],
  'local-network': () => [
    vscode.l10n.t('macOS says that there is no way to an address.'),
    vscode.l10n.t(
      'It does so for apps that may not use the local network: allow it in System Settings › Privacy & Security › Local Network.',
    ),
  ],
  // A member, and what is known of it.
  connected: ({ name }) => [vscode.l10n.t('{0} is connected.', name)],
  'no-address': ({ name }) => [
    vscode.l10n.t('{0}: no address is known, and it was not heard on the local network.', name),
    vscode.l10n.t('Put its address into the setting Peers, here or there.'),
  ],
  clock: ({ name, ms }) => [
    ms > 0
      ? vscode.l10n.t('The clock of {0} is {1} ahead.', name, formatDuration(ms))
      : vscode.l10n.t('The clock of {0} is {1} behind.', name, formatDuration(-ms)),
    vscode.l10n.t('Have both machines set their clocks by the network.'),
  ],
  // How this machine reaches an address.
  reached: ({ name, address }) => [vscode.l10n.t('{0} was reached at {1}.', name, address)],
  refused: ({ name, address }) => [
    vscode.l10n.t('{0} at {1}: nobody listens there.', name, address),
    vscode.l10n.t('Start that peer. If it runs, its port is another one now.'),
  ],
  silent: ({ name, address }) => [
    vscode.l10n.t('{0} at {1}: no answer.', name, address),
    vscode.l10n.t('That machine is off, on another network, or its firewall drops the connection.'),
  ],
  unresolved: ({ name, address }) => [
    vscode.l10n.t('{0} at {1}: the name of the host is not known.', name, address),
    vscode.l10n.t('Check its spelling, or use the number of the host.'),
  ],
  'no-route': ({ name, address }) => [
    vscode.l10n.t('{0} at {1}: there is no way to that network.', name, address),
    vscode.l10n.t('Check whether a VPN is off, or this machine offline.'),
  ],
  forbidden: ({ name, address, platform }) => [
    vscode.l10n.t('{0} at {1}: this system forbids the connection.', name, address),
    firewallAdvice(platform),
  ],
  stranger: ({ name, address }) => [
    vscode.l10n.t('{0} at {1}: another identity answers. It got no byte.', name, address),
    vscode.l10n.t(
      'If that machine was set up anew, it has to join again. Otherwise the address is somebody else’s now.',
    ),
  ],
  'no-peer': ({ name, address }) => [
    vscode.l10n.t('{0} at {1}: another program answers, no peer.', name, address),
    vscode.l10n.t('Check the port.'),
  ],
  closed: ({ name, address }) => [
    vscode.l10n.t('{0} at {1} closed the connection.', name, address),
  ],
  'other-version': ({ name, address }) => [
    vscode.l10n.t('{0} at {1} speaks another version.', name, address),
    vscode.l10n.t('Update the older of the two.'),
  ],
  'not-let-in': ({ name, address }) => [
    vscode.l10n.t('{0} at {1} does not let this machine in.', name, address),
    vscode.l10n.t('It is in another group, or has not heard yet who belongs to this one.'),
  ],
  'in-use': ({ name, address }) => [
    vscode.l10n.t('{0} at {1} is connected with another peer of this identity.', name, address),
    vscode.l10n.t('A copy of this data directory runs elsewhere. Stop one of them.'),
  ],
  failed: ({ name, address }) => [vscode.l10n.t('{0} could not be reached at {1}.', name, address)],
  // How the other side reaches this machine.
  'back-reached': ({ name, address }) => [
    vscode.l10n.t('{0} reaches this machine at {1}.', name, address),
  ],
  'back-refused': ({ name, address }) => [
    vscode.l10n.t('{0} cannot reach this machine at {1}: refused.', name, address),
    vscode.l10n.t('That address may lead to another machine.'),
  ],
  'back-silent': ({ name, address }) => [
    vscode.l10n.t('{0} cannot reach this machine at {1}: no answer.', name, address),
    vscode.l10n.t(
      'A firewall drops it. Files move all the same, over the connection that is there.',
    ),
  ],
  'back-stranger': ({ name, address }) => [
    vscode.l10n.t('{0} meets somebody else at {1}.', name, address),
    vscode.l10n.t('That address leads to another machine.'),
  ],
  'back-failed': ({ name, address }) => [
    vscode.l10n.t('{0} cannot reach this machine at {1}.', name, address),
  ],
  'back-unknown': ({ name }) => [
    vscode.l10n.t('{0} did not try the way back: it is older, or busy.', name),
  ],
};

function firewallAdvice(platform: string): string {
  switch (platform) {
    case 'darwin':
      return vscode.l10n.t(
        'macOS asks once whether the editor may accept connections: allow it in System Settings › Network › Firewall › Options.',
      );
    case 'win32':
      return vscode.l10n.t(
        'Windows asks once whether the editor may be reached: allow it for private networks in Windows Security › Firewall › Allow an app.',
      );
    default:
      return vscode.l10n.t('Open the port in the firewall of this machine and of the network.');
  }
}
