import { visible } from '../common/visible.js';
import type { Diagnosis, Finding } from '../control/contract.js';
import type { Colors } from './output.js';
import { formatDuration } from './units.js';

/** What was found, a line each, with what to do about it below. */
export function doctorText({ findings, platform }: Diagnosis, colors: Colors): string[] {
  const marks: Readonly<Record<Finding['level'], string>> = {
    ok: colors.green('ok     '),
    note: colors.yellow('note   '),
    problem: colors.red('problem'),
  };
  const lines = findings.flatMap((finding) => {
    const [said, advice] = findingWords(finding, platform);
    return [`${marks[finding.level]}  ${said}`, ...(advice === '' ? [] : [`         ${advice}`])];
  });
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const end =
    problems === 0
      ? 'Nothing is wrong.'
      : `${String(problems)} ${problems === 1 ? 'problem' : 'problems'}.`;
  return [...lines, '', end];
}

/** What it is, and what to do about it; the latter may be empty. */
function findingWords(finding: Finding, platform: string): readonly [string, string] {
  const name = visible(finding.name);
  const address = visible(finding.address);
  const at = `${name} at ${address}`;
  switch (finding.kind) {
    case 'no-group':
      return ['This machine belongs to no group.', 'Run “chunk-partitioner init” or “join”.'];
    case 'removed':
      return ['This machine is no member of its group any more: everybody refuses it.', ''];
    case 'nobody-else':
      return ['Nobody else is in the group.', 'Run “chunk-partitioner invite”.'];
    case 'no-network':
      return ['This machine is on no network.', ''];
    case 'loopback-only':
      return [
        `This peer listens on ${address}: only this machine can reach it.`,
        'Others can be reached all the same. Let it listen elsewhere with “serve --listen 0.0.0.0:0”.',
      ];
    case 'listening':
      return [`This peer listens on ${address}.`, ''];
    case 'firewall':
      return ['Others cannot begin a connection to this machine.', firewallAdvice(platform)];
    case 'local-network':
      return [
        'macOS says that there is no way to an address: it does so for apps that may not use the local network.',
        'Allow it in System Settings › Privacy & Security › Local Network, for the terminal and the editor.',
      ];
    case 'connected':
      return [
        `${name} is connected${finding.ms === null ? '' : `, ${finding.ms.toFixed(0)} ms`}.`,
        '',
      ];
    case 'no-address':
      return [
        `${name}: no address is known, and it was not heard on the local network.`,
        'Start it where it can reach this machine: it calls by itself.',
      ];
    case 'clock':
      return [
        `The clock of ${name} is ${formatDuration(Math.abs(finding.ms ?? 0) / 1000)} ${(finding.ms ?? 0) > 0 ? 'ahead of' : 'behind'} the one here.`,
        'Set both by the network: invites end by a clock, and versions are put in order by it.',
      ];
    case 'reached':
      return [`${at} was reached.`, ''];
    case 'refused':
      return [
        `${at}: nobody listens there.`,
        'Start that peer; if it runs, its port is another one now.',
      ];
    case 'silent':
      return [
        `${at}: no answer.`,
        'That machine is off, on another network, or its firewall drops the connection.',
      ];
    case 'unresolved':
      return [
        `${at}: the name is not known.`,
        'Check its spelling, or use the number of the host.',
      ];
    case 'no-route':
      return [`${at}: there is no way to that network.`, 'Is a VPN off, or this machine offline?'];
    case 'forbidden':
      return [`${at}: this system forbids the connection.`, firewallAdvice(platform)];
    case 'stranger':
      return [
        `${at}: another identity answers. It got no byte.`,
        'If that machine was set up anew, it has to join again; else the address is somebody else’s now.',
      ];
    case 'no-peer':
      return [`${at}: another program answers, no peer.`, 'Check the port.'];
    case 'closed':
      return [`${at}: the connection was closed before it was complete.`, 'Try again.'];
    case 'other-version':
      return [`${at}: it speaks another version.`, 'Update the older of the two.'];
    case 'not-let-in':
      return [
        `${at}: it does not let this machine in.`,
        'It has not heard that this machine belongs to the group, or is in another one.',
      ];
    case 'in-use':
      return [
        `${at}: it is connected with another peer of this identity.`,
        'A copy of this data directory runs elsewhere. Stop one of them.',
      ];
    case 'failed':
      return [`${at} could not be reached.`, ''];
    case 'back-reached':
      return [`${name} reaches this machine at ${address}.`, ''];
    case 'back-refused':
      return [
        `${name} cannot reach this machine at ${address}: the connection is refused.`,
        'Does that address lead to another machine?',
      ];
    case 'back-silent':
      return [
        `${name} cannot reach this machine at ${address}: no answer. Files move all the same, over the connection that is there.`,
        'A firewall on the way drops it.',
      ];
    case 'back-stranger':
      return [
        `${name} meets somebody else at ${address}.`,
        'That address leads to another machine.',
      ];
    case 'back-failed':
      return [`${name} cannot reach this machine at ${address}.`, ''];
    case 'back-unknown':
      return [`${name} did not try the way back: it is older, or busy.`, ''];
  }
}

function firewallAdvice(platform: string): string {
  switch (platform) {
    case 'darwin':
      return 'macOS asks once whether “node” or the editor may accept connections: allow it in System Settings › Network › Firewall › Options.';
    case 'win32':
      return 'Windows asks once whether Node.js may be reached: allow it for private networks in Windows Security › Firewall › Allow an app.';
    default:
      return 'Open the port in the firewall of this machine (ufw, firewalld, nftables) and of the network.';
  }
}
