import { randomUUID } from 'node:crypto';
import { PeerError } from '../../common/errors.js';
import type { PeerSession } from '../peerSession.js';
import { cancellable } from '../transferProgress.js';
import { liveFigures } from '../views/transferItem.js';
import type { TaskOutput } from './taskTerminal.js';

/** Runs one transfer of a task, and tells how far it is. @throws {PeerError} of the transfer; `cancelled` */
export async function runTransfer<T>(
  session: PeerSession,
  output: TaskOutput,
  signal: AbortSignal,
  start: (transferId: string) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw new PeerError('cancelled', 'The task was cancelled.');
  const client = await session.client();
  const transferId = randomUUID();
  const progress = session.onDidTransfer((transfer) => {
    if (transfer.transferId !== transferId || transfer.state !== 'running') return;
    output.progress(liveFigures(transfer).join(' · '));
  });
  try {
    return await cancellable(client, transferId, signal, () => start(transferId));
  } finally {
    progress.dispose();
  }
}
