import { DisposableStore, toDisposable } from '../common/disposable.js';
import { PeerError } from '../common/errors.js';
import type { ControlClient, PeerInfo } from '../control/contract.js';

/** A newcomer is listed before it has read all that it needs: how long to stay for it, milliseconds. */
const farewellMs = 3000;
/** Longest delay that a timer takes. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Waits until a member is listed that is not among the `known` node ids.
 *
 * @throws {PeerError} `invite-invalid` when `expiresAt` comes first, `cancelled`, `closed`.
 */
export function awaitNewcomer(
  client: ControlClient,
  known: ReadonlySet<string>,
  expiresAt: number,
  signal: AbortSignal,
): Promise<PeerInfo> {
  return new Promise((resolve, reject) => {
    const running = new DisposableStore();
    const fail = (error: PeerError): void => {
      running.dispose();
      reject(error);
    };
    const after = (ms: number, action: () => void): void => {
      const timer = setTimeout(action, Math.min(Math.max(ms, 0), maxTimerMs));
      running.add(
        toDisposable(() => {
          clearTimeout(timer);
        }),
      );
    };
    let seen: PeerInfo | undefined;
    const look = async (): Promise<void> => {
      const { peers } = await client.request('peers', null);
      const joined = peers.find((peer) => peer.nodeId !== '' && !known.has(peer.nodeId));
      if (running.disposed || !joined || seen) return;
      seen = joined;
      after(farewellMs, () => {
        running.dispose();
        resolve(joined);
      });
    };
    const lookNow = (): void => {
      look().catch((error: unknown) => {
        fail(PeerError.from(error));
      });
    };
    const interrupted = (): void => {
      fail(
        new PeerError(
          'cancelled',
          'Interrupted; the code is void unless the peer runs again in time.',
        ),
      );
    };
    running.add(client.on('changed', lookNow));
    running.add(
      client.onClose(() => {
        fail(new PeerError('closed', 'The peer ended while it waited for the newcomer.'));
      }),
    );
    signal.addEventListener('abort', interrupted, { once: true });
    running.add(
      toDisposable(() => {
        signal.removeEventListener('abort', interrupted);
      }),
    );
    after(expiresAt - Date.now(), () => {
      fail(
        new PeerError('invite-invalid', 'The invite expired before anybody used it.', {
          hint: 'Run “chunk-partitioner invite” again.',
        }),
      );
    });
    if (signal.aborted) interrupted();
    else lookNow();
  });
}
