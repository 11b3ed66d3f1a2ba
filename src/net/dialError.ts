import { PeerError } from '../common/errors.js';

/** Why an address could not be reached, in words for people. */
export function dialError(address: string, error: unknown): PeerError {
  const known = PeerError.from(error);
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new PeerError('timeout', `${address} does not answer.`);
  }
  if (PeerError.is(error) && error.code !== 'closed') return error;
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (typeof code === 'string' && (code === 'EPROTO' || code.startsWith('ERR_SSL'))) {
    return new PeerError('protocol', `What answers at ${address} is no peer of this kind.`, {
      cause: error,
      hint: 'Check the port.',
    });
  }
  switch (known.code) {
    case 'cancelled':
      return new PeerError('cancelled', 'Connecting was cancelled.');
    case 'timeout':
      return new PeerError('timeout', `${address} does not answer.`, { cause: error });
    case 'closed':
      return new PeerError('closed', `${address} closed the connection.`, { cause: error });
    default:
      return new PeerError('unreachable', `Nobody answers at ${address}.`, {
        cause: error,
        hint: 'Check the address, and whether that peer is running.',
      });
  }
}
