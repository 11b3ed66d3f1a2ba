import { PeerError } from '../common/errors.js';
import type { Lease } from '../common/memory.js';
import type { Logger } from '../common/logger.js';
import { FrameKind, type Frame } from '../protocol/frame.js';
import type { ConnectionLimits } from '../protocol/limits.js';
import {
  answersAtLength,
  decodeRequest,
  encodeError,
  encodeMessage,
  isHandshake,
  type ProgressMessage,
  type RequestMessage,
  type ResponseMessage,
} from '../protocol/messages.js';
import type { OutputGate } from './outputGate.js';

export interface RequestContext {
  /** Who asks; proved by its key. */
  readonly nodeId: string;
  readonly spki: Uint8Array;
  readonly admitted: boolean;
  /** Aborted when the asker takes the request back or goes away. */
  readonly signal: AbortSignal;
  /** Tells the asker how far it is, which restarts its deadline; dropped while it does not read. */
  progress(message: ProgressMessage): void;
}

export interface InboundRequest {
  readonly message: Exclude<RequestMessage, { readonly t: 'ping' }>;
  /** Not to be looked at once the request is answered: its memory is used again. */
  readonly body: Uint8Array;
}

export interface Reply {
  readonly message: ResponseMessage;
  /** Not copied; released when it has been sent. */
  readonly body?: Lease;
}

/** Answers a request, or throws: a `PeerError` of own words is told as it is, of all else only a code. */
export type RequestHandler = (request: InboundRequest, context: RequestContext) => Promise<Reply>;

export interface InboundOptions {
  readonly limits: ConnectionLimits;
  readonly handler: RequestHandler;
  readonly logger: Logger;
  readonly peer: { readonly nodeId: string; readonly spki: Uint8Array };
  readonly isAdmitted: () => boolean;
  readonly gate: OutputGate;
  readonly send: (kind: FrameKind, id: number, message: Uint8Array, body?: Lease) => void;
  /** After each answer. */
  readonly onAnswered: () => void;
}

const pong = encodeMessage({ t: 'pong' });

interface Running {
  readonly controller: AbortController;
  readonly bytes: number;
}

/**
 * What the other end asks: bounded in number and in bytes, and every request is answered exactly once. `ping`
 * is answered here, so that a busy handler does not look like a dead peer.
 */
export class InboundRequests {
  readonly #running = new Map<number, Running>();
  #bytes = 0;

  constructor(private readonly options: InboundOptions) {}

  get count(): number {
    return this.#running.size;
  }

  /** @throws {PeerError} what ends the connection: malformed, too early, too much, or an id in use. */
  take(frame: Frame): void {
    const { limits, isAdmitted } = this.options;
    if (frame.id === 0 || this.#running.has(frame.id)) {
      throw new PeerError('protocol', 'A request has the id of another one.');
    }
    const bytes = frame.message.byteLength + frame.body.bytes.byteLength;
    const tooMuch = this.#bytes > 0 && this.#bytes + bytes > limits.requestBytes;
    if (tooMuch || this.#running.size >= limits.requests) {
      throw new PeerError('limit', 'Too many requests at once.');
    }
    const message = this.#decode(frame);
    if (message === undefined) return;
    if (!isAdmitted() && !isHandshake(message.t)) {
      throw new PeerError('not-trusted', 'Refused.');
    }
    if (message.t === 'ping') {
      this.options.send(FrameKind.response, frame.id, pong);
      return;
    }
    const running = { controller: new AbortController(), bytes };
    this.#running.set(frame.id, running);
    this.#bytes += bytes;
    void this.#answer(frame, message, running);
  }

  cancel(id: number): void {
    this.#running.get(id)?.controller.abort();
  }

  /** Tells all handlers that nobody waits any more. */
  end(): void {
    for (const { controller } of this.#running.values()) controller.abort();
  }

  /** Undefined for a request that this version does not know, which was answered. */
  #decode(frame: Frame): RequestMessage | undefined {
    try {
      return decodeRequest(frame.message, frame.body.bytes);
    } catch (error) {
      if (!PeerError.is(error, 'unsupported') || !this.options.isAdmitted()) throw error;
      this.options.send(FrameKind.error, frame.id, encodeError(error));
      return undefined;
    }
  }

  async #answer(frame: Frame, message: InboundRequest['message'], running: Running): Promise<void> {
    const { limits, gate, send, logger, onAnswered } = this.options;
    const { controller, bytes } = running;
    let release = (): void => undefined;
    let kind: FrameKind = FrameKind.response;
    let answer: Uint8Array;
    let body: Lease | undefined;
    try {
      // Before it is produced: what waits to be sent is in memory.
      const isLong = answersAtLength(message.t);
      if (isLong) release = await gate.reserve(limits.longAnswer, controller.signal);
      controller.signal.throwIfAborted();
      const reply = await this.options.handler(
        { message, body: frame.body.bytes },
        this.#context(frame.id, controller.signal),
      );
      // Only now: of a handler that failed nobody knows whether a thread still reads the body.
      frame.body.release();
      controller.signal.throwIfAborted();
      body = reply.body;
      answer = encodeMessage(reply.message);
      if (!isLong && answer.byteLength > limits.smallFrame) {
        await gate.ready(controller.signal);
        controller.signal.throwIfAborted();
      }
    } catch (error) {
      if (PeerError.from(error).code === 'internal') logger.error(`answering ${message.t}`, error);
      kind = FrameKind.error;
      answer = encodeError(error);
      body = undefined;
    }
    // Forgotten before it is sent: the asker may use the id and the room again once it has read the answer.
    this.#running.delete(frame.id);
    this.#bytes -= bytes;
    send(kind, frame.id, answer, body);
    release();
    onAnswered();
  }

  #context(id: number, signal: AbortSignal): RequestContext {
    const { peer, isAdmitted, gate, send } = this.options;
    return {
      nodeId: peer.nodeId,
      spki: peer.spki,
      admitted: isAdmitted(),
      signal,
      progress: (message) => {
        if (gate.hasRoom() && this.#running.has(id)) {
          send(FrameKind.progress, id, encodeMessage(message));
        }
      },
    };
  }
}
