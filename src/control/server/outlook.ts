import { PeerError } from '../../common/errors.js';
import type { Peer } from '../../peer/peer.js';
import { heldByNobody, type AllChecked } from '../../peer/verifyAll.js';
import type {
  LeaveOutlook,
  OutlookParams,
  PeerInfo,
  PeerRisk,
  VerifyAllResult,
} from '../contract.js';

/** What hangs on each peer. */
export async function peerRisks(peer: Peer): Promise<PeerRisk[]> {
  const risks = await peer.outlooks.risks();
  return risks.map(({ holderId, lost, atRisk }) => ({ nodeId: holderId, lost, atRisk }));
}

/** @param peers all that are known. @throws {PeerError} `not-found` */
export async function leaveOutlook(
  peer: Peer,
  peers: readonly PeerInfo[],
  { nodeId, limit }: OutlookParams,
): Promise<LeaveOutlook> {
  const info = peers.find((one) => one.nodeId === nodeId && one.state !== 'removed');
  if (info === undefined) throw new PeerError('not-found', 'This peer is no member of the group.');
  const { shares, dependent, ...outlook } = await peer.outlooks.of(nodeId, limit);
  return {
    ...{ peer: info, ...outlook, files: shares },
    dependent: dependent.map(({ name, kind, ...one }) => ({
      ...{ ...one, name: name ?? '', kind: kind ?? 'file' },
    })),
  };
}

export function verifyAllResult(peer: Peer, { unsound, ...counts }: AllChecked): VerifyAllResult {
  return {
    ...counts,
    unsound: unsound.map(({ row, checks }) => {
      const whole = checks.filter(({ status }) => status === 'ok').map(({ shard }) => shard);
      const bad = checks.filter(({ status }) => status !== 'ok');
      const nobody = heldByNobody(checks, row);
      return {
        ...{ shareId: row.shareId, name: row.name ?? '', kind: row.kind ?? 'file' },
        recoverable: new Set(whole).size >= row.k,
        onlyUnreachable: nobody === 0 && bad.every(({ status }) => status === 'unreachable'),
        heldByNobody: nobody,
        holders: [...new Set(bad.map(({ holderId }) => peer.membership.nameOf(holderId)))],
      };
    }),
  };
}

/**
 * Those who are to hold a share before others: members, other than this one.
 *
 * @throws {PeerError} `not-found` for who is no member; `usage` for this peer itself, and for who lost what it held
 */
export function requireHolders(
  { membership }: Peer,
  nodeIds: readonly string[],
): readonly string[] {
  for (const nodeId of nodeIds) {
    if (membership.member(nodeId) === undefined) {
      throw new PeerError(
        'not-found',
        `A chosen peer is no member of the group: ${nodeId.slice(0, 16)}.`,
      );
    }
    if (nodeId === membership.nodeId) {
      throw new PeerError('usage', 'A share goes to others: this machine has the file already.');
    }
    if (membership.isLost(nodeId)) {
      throw new PeerError(
        'usage',
        `${membership.nameOf(nodeId)} was declared lost and holds nothing.`,
      );
    }
  }
  return nodeIds;
}
