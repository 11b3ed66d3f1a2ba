import type { ErrorCode } from '../common/errors.js';

/** What the terminal exits with. Scripts rely on these numbers. */
export const exitCodes = {
  ok: 0,
  other: 1,
  usage: 2,
  notFound: 3,
  tooFewPeers: 4,
  integrity: 5,
  notTrusted: 6,
  exists: 7,
  interrupted: 130,
} as const;

const table: Readonly<Record<ErrorCode, number>> = {
  usage: exitCodes.usage,
  ambiguous: exitCodes.usage,
  'not-a-file': exitCodes.usage,
  secrets: exitCodes.usage,
  'not-found': exitCodes.notFound,
  'too-few-peers': exitCodes.tooFewPeers,
  'not-enough-shards': exitCodes.tooFewPeers,
  integrity: exitCodes.integrity,
  'not-trusted': exitCodes.notTrusted,
  'invite-invalid': exitCodes.notTrusted,
  exists: exitCodes.exists,
  'already-in-group': exitCodes.exists,
  cancelled: exitCodes.interrupted,
  'no-group': exitCodes.other,
  'no-identity': exitCodes.other,
  'source-changed': exitCodes.other,
  'disk-full': exitCodes.other,
  quota: exitCodes.other,
  disk: exitCodes.other,
  limit: exitCodes.other,
  protocol: exitCodes.other,
  timeout: exitCodes.other,
  closed: exitCodes.other,
  unreachable: exitCodes.other,
  'in-use': exitCodes.other,
  unsupported: exitCodes.other,
  internal: exitCodes.other,
};

export function exitCodeOf(code: ErrorCode): number {
  return table[code];
}
