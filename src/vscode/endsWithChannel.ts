import type { ControlClient } from '../control/contract.js';
import { PeerError } from '../common/errors.js';

/**
 * A client whose requests end when the channel does: an answer that can no longer come is not waited for, and a
 * deadline that passes later disturbs nobody.
 */
export function endsWithChannel(client: ControlClient): ControlClient {
  const ended = new AbortController();
  const subscription = client.onClose(() => {
    ended.abort();
  });
  return {
    peerVersion: client.peerVersion,
    request: (method, params, signal) => {
      const own = new AbortController();
      const cancel = (): void => {
        if (!ended.signal.aborted) own.abort();
      };
      return new Promise((resolve, reject) => {
        const end = (): void => {
          reject(new PeerError('closed', 'The peer process ended.', { hint: 'Start it again.' }));
        };
        if (ended.signal.aborted) {
          end();
          return;
        }
        signal?.addEventListener('abort', cancel);
        ended.signal.addEventListener('abort', end);
        if (signal?.aborted === true) own.abort();
        client
          .request(method, params, own.signal)
          .then(resolve, reject)
          .finally(() => {
            signal?.removeEventListener('abort', cancel);
            ended.signal.removeEventListener('abort', end);
          });
      });
    },
    on: (event, listener) => client.on(event, listener),
    onClose: (listener) => client.onClose(listener),
    dispose: () => {
      ended.abort();
      subscription.dispose();
      client.dispose();
    },
  };
}
