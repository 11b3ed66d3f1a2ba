import { systemError } from './systemErrors.js';

/**
 * Every reason for which an operation of this product fails, as a code. Codes are stable: they cross
 * the control channel and the wire, and the terminal maps them to exit codes.
 */
export type ErrorCode =
  | 'usage' // the caller asked for something that makes no sense
  | 'ambiguous' // a name that several shares answer to
  | 'not-found' // no such share, member, or file
  | 'no-group' // this data directory belongs to no group yet
  | 'already-in-group'
  | 'no-identity'
  | 'too-few-peers'
  | 'not-enough-shards' // fewer than k shards can be reached
  | 'integrity' // bytes that fail a hash, tag, checksum or signature
  | 'not-trusted' // a stranger, an impostor, a foreign group
  | 'invite-invalid' // unknown, used or expired
  | 'exists' // the target exists already
  | 'source-changed' // the file changed while it was shared
  | 'secrets' // what is to be shared looks like passwords or private keys, and nobody said that it is meant
  | 'not-a-file' // a folder, socket or device where a file is expected
  | 'disk-full'
  | 'quota' // a peer lends no more of its disk than it does already
  | 'disk' // any other failure of the file system
  | 'limit' // a bound of protocol/limits.ts was exceeded
  | 'protocol' // malformed or unexpected message
  | 'timeout'
  | 'closed' // the connection or the peer went away
  | 'unreachable' // nobody answers at an address
  | 'in-use' // the data directory or the port is taken
  | 'cancelled'
  | 'unsupported' // newer format, older runtime, missing crypto
  | 'internal';

/** An error as plain data: how it crosses threads and the control channel. */
export interface ErrorInfo {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface PeerErrorOptions {
  readonly cause?: unknown;
  /** What the user can do about it: one sentence in the imperative. */
  readonly hint?: string;
  /** Facts for programs: ids, counts, choices. Plain JSON, no secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Each bundle of this product has a class of its own: they know each other by it. */
const brand = Symbol.for('chunk-partitioner.PeerError');

/** The one error type of this product. Match on `code`, never on the text; ask {@link PeerError.is}, not `instanceof`. */
export class PeerError extends Error {
  declare readonly [brand]: true;
  override readonly name = 'PeerError';
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: PeerErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    Object.defineProperty(this, brand, { value: true }); // a log does not print it
    this.hint = options.hint;
    this.details = options.details;
  }

  static is(error: unknown, ...codes: ErrorCode[]): error is PeerError {
    if (!(error instanceof Error) || !(brand in error)) return false;
    return codes.length === 0 || codes.includes((error as PeerError).code);
  }

  static fromInfo({ code, message, ...rest }: ErrorInfo): PeerError {
    return new PeerError(code, message, rest);
  }

  toInfo(): ErrorInfo {
    const { code, message, hint, details } = this;
    return {
      code,
      message,
      ...(hint !== undefined && { hint }),
      ...(details !== undefined && { details }),
    };
  }

  /** Wraps anything that was thrown; system errors of the disk and of sockets get their own codes. */
  static from(error: unknown): PeerError {
    if (PeerError.is(error)) return error;
    if (error instanceof Error && error.name === 'AbortError') {
      return new PeerError('cancelled', 'The operation was cancelled.', { cause: error });
    }
    const system = systemError(error);
    const message = error instanceof Error ? error.message : String(error);
    return new PeerError(system?.code ?? 'internal', system?.message ?? message, { cause: error });
  }
}
