import type {
  DialledAddress,
  Reachability,
  ReachabilityReport,
} from '../../peer/doctor/diagnose.js';
import type { Finding, FindingKind } from '../contract.js';
import { serviceLimits } from '../limits.js';

export interface FindingsInput {
  readonly report: ReachabilityReport;
  /** `process.platform` of this peer. */
  readonly platform: string;
  readonly nameOf: (nodeId: string) => string;
  readonly hasGroup: boolean;
  /** This peer is no member any more. */
  readonly isRemoved: boolean;
}

/** What a look at the connections means, this machine first, then one peer after the other. Pure. */
export function findingsOf(input: FindingsInput): Finding[] {
  const { report, platform, hasGroup, isRemoved } = input;
  const { peers } = report;
  if (!hasGroup) return [finding('problem', 'no-group')];
  if (isRemoved) return [finding('problem', 'removed')];
  const isComplete = peers.every(({ connected }) => connected);
  // One that reaches nothing may have a reason of its own, or say so untruly.
  const answers = peers.flatMap(({ back }) => (back === null || back.length === 0 ? [] : [back]));
  const isUnreachable = answers.length > 0 && !answers.flat().some(isReached);
  const noRoute = peers.some(({ there }) => there.some(({ outcome }) => outcome === 'no-route'));
  return [
    ...(peers.length === 0 ? [finding('note', 'nobody-else')] : []),
    ...(report.hasNetwork ? [] : [finding(isComplete ? 'note' : 'problem', 'no-network')]),
    report.loopbackOnly
      ? finding(isComplete ? 'note' : 'problem', 'loopback-only', { address: report.listening })
      : finding('ok', 'listening', { address: report.listening }),
    ...(isUnreachable && !report.loopbackOnly ? [finding('note', 'firewall')] : []),
    // There, the system answers so for an app that may not look at the local network.
    ...(platform === 'darwin' && noRoute ? [finding('note', 'local-network')] : []),
    ...peers.flatMap((peer) => ofPeer(peer, input)),
  ];
}

function ofPeer(peer: Reachability, { nameOf }: FindingsInput): Finding[] {
  const { nodeId, there, connected, skewMs } = peer;
  const who = { nodeId, name: nodeId === '' ? (there[0]?.address ?? '') : nameOf(nodeId) };
  if (!connected) {
    if (there.length === 0) return [finding('problem', 'no-address', who)];
    return there.map((one) =>
      finding(isReached(one) ? 'ok' : 'problem', ofDial(one), of(one, who)),
    );
  }
  return [
    finding('ok', 'connected', { ...who, ms: peer.latencyMs }),
    // It is connected by another one, or has called itself: no harm is done.
    ...there
      .filter((one) => !isReached(one))
      .map((one) => finding('note', ofDial(one), of(one, who))),
    back(peer, who),
    ...(skewMs !== null && Math.abs(skewMs) >= serviceLimits.clockMs
      ? [finding('note', 'clock', { ...who, ms: skewMs })]
      : []),
  ];
}

function back({ back }: Reachability, who: Pick<Finding, 'nodeId' | 'name'>): Finding {
  const reached = back?.find(isReached);
  if (reached !== undefined) return finding('ok', 'back-reached', of(reached, who));
  // What is said exactly says more.
  const [worst] = [...(back ?? [])].sort(
    (a, b) => Number(a.outcome === 'failed') - Number(b.outcome === 'failed'),
  );
  if (worst === undefined) return finding('note', 'back-unknown', who);
  const kinds: Partial<Record<DialledAddress['outcome'], FindingKind>> = {
    refused: 'back-refused',
    silent: 'back-silent',
    stranger: 'back-stranger',
    'no-peer': 'back-stranger',
  };
  return finding('problem', kinds[worst.outcome] ?? 'back-failed', of(worst, who));
}

function ofDial({ outcome }: DialledAddress): FindingKind {
  return outcome === 'not-tried' ? 'failed' : outcome;
}

function of({ address, ms }: DialledAddress, who: Pick<Finding, 'nodeId' | 'name'>): Finding {
  return finding('ok', 'reached', { ...who, address, ms });
}

function isReached({ outcome }: DialledAddress): boolean {
  return outcome === 'reached';
}

function finding(
  level: Finding['level'],
  kind: FindingKind,
  facts: Partial<Omit<Finding, 'level' | 'kind'>> = {},
): Finding {
  return { nodeId: '', name: '', address: '', ms: null, ...facts, level, kind };
}
