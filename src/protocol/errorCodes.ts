import { PeerError, type ErrorCode } from '../common/errors.js';
import { messageLimits } from './limits.js';

/** Error codes ⇄ their numbers on the wire. Numbers are never reused. */
const wireNumbers: Readonly<Record<ErrorCode, number>> = {
  internal: 0,
  usage: 1,
  ambiguous: 2,
  'not-found': 3,
  'no-group': 4,
  'already-in-group': 5,
  'no-identity': 6,
  'too-few-peers': 7,
  'not-enough-shards': 8,
  integrity: 9,
  'not-trusted': 10,
  'invite-invalid': 11,
  exists: 12,
  'source-changed': 13,
  'not-a-file': 14,
  'disk-full': 15,
  disk: 16,
  limit: 17,
  protocol: 18,
  timeout: 19,
  closed: 20,
  unreachable: 21,
  'in-use': 22,
  cancelled: 23,
  unsupported: 24,
  quota: 25,
  secrets: 26,
};

const codes = new Map(
  Object.entries(wireNumbers).map(([code, number]) => [number, code as ErrorCode]),
);

export function wireNumberOf(code: ErrorCode): number {
  return wireNumbers[code];
}

/** The code of a number; one that a newer peer invented reads as `internal`. */
export function codeOfWireNumber(number: number): ErrorCode {
  return codes.get(number) ?? 'internal';
}

/**
 * What another peer is told of a failure. Only the text that this product wrote leaves: texts of the
 * system, of libraries and of bugs hold paths and worse.
 */
export function errorForWire(error: unknown): { code: number; message: string } {
  const { code, message, cause } = PeerError.from(error);
  const borrowed = cause !== undefined && message === PeerError.from(cause).message;
  return {
    code: wireNumberOf(code),
    message: borrowed ? 'The request failed.' : plainText(message),
  };
}

/** Without control, format (bidi), surrogate or line-breaking characters, and short: safe to log and show. */
export function plainText(text: string): string {
  return text
    .slice(0, messageLimits.errorChars)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ')
    .trim();
}
