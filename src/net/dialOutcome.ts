import { PeerError } from '../common/errors.js';
import type { DialOutcome } from '../protocol/messages/dialBack.js';

const bySystemCode: Readonly<Record<string, DialOutcome>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unresolved',
  EAI_AGAIN: 'unresolved',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  EHOSTDOWN: 'no-route',
  ENETDOWN: 'no-route',
  EADDRNOTAVAIL: 'no-route',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  ETIMEDOUT: 'silent',
};

/** What came of a dial that threw this. */
export function dialOutcome(error: unknown): DialOutcome {
  const { code, details } = PeerError.from(error);
  switch (code) {
    case 'timeout':
      return 'silent';
    case 'not-trusted':
      // A key that is none of a peer belongs to another program.
      return details?.['nodeId'] === null ? 'no-peer' : 'stranger';
    case 'protocol':
      return 'no-peer';
    case 'closed':
      return 'closed';
    default:
      return systemOutcome(error, 0) ?? 'failed';
  }
}

/** Of a name that has several addresses, each may have failed for another reason. */
function systemOutcome(error: unknown, depth: number): DialOutcome | undefined {
  if (!(error instanceof Error) || depth > 4) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  const own = code === undefined ? undefined : bySystemCode[code];
  if (own !== undefined) return own;
  const inner: readonly unknown[] =
    error instanceof AggregateError ? [error.cause, ...(error.errors as unknown[])] : [error.cause];
  for (const one of inner) {
    const found = systemOutcome(one, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
