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
      abandon(new PeerError('timeout', 'The peer does not say that it has stopped.'));
    }, cancelDeadlineMs);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await Promise.race([start(transferId), abandoned]);
  } catch (error) {
    throw signal.aborted ? interrupted(error) : error;
  } finally {
    signal.removeEventListener('abort', cancel);
    clearTimeout(giveUp);
    progress.dispose();
    output.clearProgress();
  }
}

/** @param cause `cancelled` when the peer said that it has stopped. */
function interrupted(cause: unknown): PeerError {
  if (PeerError.is(cause, 'cancelled')) {
    return new PeerError('cancelled', 'Interrupted; nothing was left half done.', { cause });
  }
  return new PeerError('cancelled', 'Interrupted; the peer has not said that it stopped.', {
    cause,
    hint: '“chunk-partitioner transfers” shows what is under way.',
  });
}
