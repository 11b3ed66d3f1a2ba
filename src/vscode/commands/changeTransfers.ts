import type { TransferInfo } from '../../control/contract.js';
import { PeerError } from '../../common/errors.js';
import type { PeerSession } from '../peerSession.js';

/**
 * Pauses, resumes or cancels several transfers. One that has ended meanwhile is none of them any more.
 *
 * @throws {PeerError} of the first that failed for another reason, after all were asked
 */
export async function changeTransfers(
  session: PeerSession,
  method: 'pause' | 'resume' | 'cancel',
  transfers: readonly Pick<TransferInfo, 'transferId'>[],
): Promise<void> {
  if (transfers.length === 0) return;
  const client = await session.client();
  const answers = await Promise.allSettled(
    transfers.map(({ transferId }) =>
      client.request(method, { transferId }, AbortSignal.timeout(10_000)),
    ),
  );
  const failed = answers
    .filter((answer) => answer.status === 'rejected')
    .map(({ reason }) => PeerError.from(reason));
  const problem =
    transfers.length === 1 ? failed[0] : failed.find(({ code }) => !hasEnded.has(code));
  if (problem !== undefined) throw problem;
}

const hasEnded: ReadonlySet<string> = new Set(['not-found', 'usage']);
