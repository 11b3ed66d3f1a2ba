import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { CancellationTokenSource, type MessageConnection } from 'vscode-jsonrpc/node';
import { PeerError } from '../../common/errors.js';
import {
  contractVersions,
  type ControlClient,
  type ControlRequests,
  type VersionRange,
} from '../contract.js';
import { proofOf, sameProof, type Endpoint } from '../endpoint.js';
import { unpackPage } from '../listPage.js';
import {
  fromResponseError,
  helloMethod,
  helloResult,
  messageChannel,
  proveMethod,
} from '../wire.js';
import { channelLimits } from '../limits.js';

/**
 * Opens the control channel to a running peer.
 *
 * @param versions what is spoken: something else only to an older peer, and only to end it
 *
 * @throws {PeerError} `unreachable` when nothing answers there, `not-trusted`, `unsupported`, `timeout`.
 */
export async function connectControl(
  endpoint: Endpoint,
  versions: VersionRange = contractVersions,
): Promise<ControlClient> {
  const socket = await openSocket(endpoint.endpoint);
  const rpc = messageChannel(socket);
  rpc.onError(() => undefined); // the close that follows says enough
  // Only this ends the requests that nobody will answer any more; answers that came before the end go first.
  rpc.onClose(() => {
    setTimeout(() => {
      rpc.dispose();
    }, channelLimits.lastAnswersMs);
  });
  rpc.listen();
  try {
    const peerVersion = await greet(rpc, endpoint.secret, versions);
    return client(rpc, socket, peerVersion);
  } catch (error) {
    rpc.dispose();
    socket.destroy();
    throw error;
  }
}

function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
    socket.once('error', (cause) => {
      reject(new PeerError('unreachable', 'No peer answers for this data directory.', { cause }));
    });
  });
}

async function greet(
  rpc: MessageConnection,
  secret: string,
  { min, max }: VersionRange,
): Promise<string> {
  const nonce = randomBytes(16).toString('hex');
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => undefined);
  const timer = setTimeout(() => {
    late.reject(new PeerError('timeout', 'The peer of this data directory does not answer.'));
  }, channelLimits.greetingMs);
  const call = async (method: string, params: object): Promise<unknown> => {
    try {
      return await Promise.race([rpc.sendRequest(method, params), late.promise]);
    } catch (error) {
      throw PeerError.is(error) ? error : fromResponseError(error);
    }
  };
  try {
    const { data } = helloResult.safeParse(await call(helloMethod, { nonce, min, max }));
    if (
      data === undefined ||
      !sameProof(data.proof, proofOf('server', secret, nonce, data.nonce))
    ) {
      throw new PeerError(
        'not-trusted',
        'The process that answers is not the peer of this data directory.',
      );
    }
    await call(proveMethod, { proof: proofOf('client', secret, nonce, data.nonce) });
    return data.peerVersion;
  } finally {
    clearTimeout(timer);
  }
}

function client(rpc: MessageConnection, socket: Socket, peerVersion: string): ControlClient {
  let closed = false;
  rpc.onClose(() => {
    closed = true;
  });
  return {
    peerVersion,
    async request(method, params, signal) {
      if (closed) throw new PeerError('closed', 'The peer process went away.');
      if (signal?.aborted === true) throw new PeerError('cancelled', 'Cancelled.');
      const source = new CancellationTokenSource();
      const abort = (): void => {
        if (!closed) source.cancel(); // on a closed channel it would throw where nobody can catch it
      };
      signal?.addEventListener('abort', abort, { once: true });
      try {
        const answer: unknown = await rpc.sendRequest(method, params, source.token);
        // Of the same build, or of one that speaks the same version of the contract.
        return (
          method === 'list' ? unpackPage(answer) : answer
        ) as ControlRequests[typeof method]['result'];
      } catch (error) {
        throw PeerError.is(error) ? error : fromResponseError(error);
      } finally {
        signal?.removeEventListener('abort', abort);
        source.dispose();
      }
    },
    on: (event, listener) => rpc.onNotification(event, listener),
    onClose: (listener) => rpc.onClose(listener),
    dispose() {
      if (closed) return;
      closed = true;
      rpc.dispose();
      socket.end();
      socket.destroySoon();
    },
  };
}
