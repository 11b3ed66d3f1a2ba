/**
 * Calls from the main thread to a store worker. All calls of one tick travel as one message, so that
 * the worker can run them in one transaction. Both ends are the same build: nothing is validated here.
 */
import { PeerError, type ErrorCode, type PeerErrorOptions } from '../common/errors.js';

/** Handlers of a worker by name; what they return (or resolve to) is the answer. */
export type Handlers = Readonly<Record<string, (...args: never[]) => unknown>>;

export interface CallMessage {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type ToWorker =
  | { readonly type: 'calls'; readonly calls: readonly CallMessage[] }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'close' };

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** Where it was thrown, for the log of the main side. */
  readonly stack: string | undefined;
}

export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WireError }
  | { readonly id: number; readonly progress: number };

export type FromWorker =
  | { readonly type: 'ready'; readonly info: unknown }
  | { readonly type: 'failed'; readonly error: WireError }
  | { readonly type: 'replies'; readonly replies: readonly Reply[] };

export function toWireError(error: PeerError): WireError {
  const { code, message, hint, details } = error;
  const cause = error.cause instanceof Error ? error.cause.stack : undefined;
  return { code, message, hint, details, stack: cause ?? error.stack };
}

export function fromWireError(wire: WireError): PeerError {
  const options: PeerErrorOptions = {
    cause: wire.stack,
    ...(wire.hint === undefined ? {} : { hint: wire.hint }),
    ...(wire.details === undefined ? {} : { details: wire.details }),
  };
  return new PeerError(wire.code, wire.message, options);
}
