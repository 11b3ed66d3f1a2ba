import { randomUUID } from 'node:crypto';
import { PeerError } from '../common/errors.js';
import type { ControlClient } from '../control/contract.js';
import type { Output } from './output.js';

/** How long an interrupted transfer may take to tidy up, milliseconds. */
const cancelDeadlineMs = 5000;

/**
 * Runs one transfer of the peer: shows its progress, and cancels it in the peer when `signal` aborts.
 *
 * @throws {PeerError} of the transfer, or `cancelled`.
 */
export async function runTransfer<T>(
  client: ControlClient,
  output: Output,
  signal: AbortSignal,
  start: (transferId: string) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const transferId = randomUUID();
  const progress = client.on('transfer', (info) => {
    const moves = info.state === 'running' || info.state === 'waiting' || info.state === 'paused';
    if (info.transferId === transferId && moves) output.progress(info);
  });
  let giveUp: NodeJS.Timeout | undefined;
  let abandon: (error: PeerError) => void = () => undefined;
  const abandoned = new Promise<never>((_resolve, reject) => {
    abandon = reject;
  });
  const cancel = (): void => {
    // The call itself rejects once the peer has tidied up; the timer is for a peer that does not answer.
    client.request('cancel', { transferId }).catch(() => undefined);
    giveUp = setTimeout(() => {
      abandon(interrupted());
    }, cancelDeadlineMs);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await Promise.race([start(transferId), abandoned]);
  } catch (error) {
    if (signal.aborted) throw interrupted(error);
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
    clearTimeout(giveUp);
    progress.dispose();
    output.clearProgress();
  }
}

function interrupted(cause?: unknown): PeerError {
  return new PeerError('cancelled', 'Interrupted; nothing was left half done.', { cause });
}
