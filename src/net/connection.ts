import type { Disposable } from '../common/disposable.js';
import { PeerError } from '../common/errors.js';
import { Emitter } from '../common/events.js';
import type { Logger } from '../common/logger.js';
import type { Memory } from '../common/memory.js';
import { encodeFrame, FrameKind, type Frame } from '../protocol/frame.js';
import { FrameDecoder } from '../protocol/frameDecoder.js';
import {
  admittedFrame,
  connectionLimits,
  handshakeFrame,
  joiningFrame,
  type ConnectionLimits,
} from '../protocol/limits.js';
import {
  decodeError,
  decodeNotification,
  encodeError,
  encodeMessage,
  isHandshake,
  type Notification,
  type RequestMessage,
} from '../protocol/messages.js';
import { InboundRequests, type RequestHandler } from './inboundRequests.js';
import { Keepalive } from './keepalive.js';
import { OutboundRequests, type Answer, type RequestOptions } from './outboundRequests.js';
import { OutputGate } from './outputGate.js';
import type { Link } from './transport.js';

export type { InboundRequest, Reply, RequestContext, RequestHandler } from './inboundRequests.js';
export type { Answer, RequestOptions } from './outboundRequests.js';

export interface ConnectionOptions {
  readonly handler: RequestHandler;
  readonly logger: Logger;
  readonly onNotification?: (message: Notification) => void;
  /** Called when the connection is admitted, so that it no longer counts as a stranger's. */
  readonly onAdmitted?: () => void;
  /** Where bodies are collected. */
  readonly memory?: Memory;
  /** Overrides single bounds, for tests. */
  readonly limits?: Partial<ConnectionLimits>;
}

/**
 * Requests and answers over a link, both ways at once. Until {@link Connection.admit} only `hello`, `redeem`
 * and their answers pass; what the other end sends wrongly ends the connection with a reason. Input is always
 * read, so that two busy ends cannot wait for each other: the asking end keeps to the bounds of the other.
 */
export class Connection implements Disposable {
  readonly #closed = new Emitter<PeerError>((error) => {
    this.options.logger.error('a listener failed', error);
  });
  /** Once, with the reason. */
  readonly onDidClose = this.#closed.event;
  /** Bytes of frames, for tests and measurements. */
  readonly counters = { sent: 0, received: 0 };
  readonly #limits: ConnectionLimits;
  readonly #decoder: FrameDecoder;
  readonly #gate: OutputGate;
  readonly #inbound: InboundRequests;
  readonly #outbound: OutboundRequests;
  readonly #keepalive: Keepalive;
  readonly #handshake: NodeJS.Timeout;
  #state: 'secured' | 'admitting' | 'admitted' | 'closed' = 'secured';
  #reason: PeerError | undefined;
  #leaving = false;
  /** Input that waits until the owner has decided about this peer, oldest first. */
  readonly #held: Uint8Array[] = [];
  #frames: Generator<Frame, void, void> | undefined;
  #holding = false;
  #reading = false;
  #movedAt = 0;
  #bodyQueued = false;
  #news: Notification | undefined;
  #whenAdmitted: (() => void)[] = [];

  constructor(
    private readonly link: Link,
    private readonly options: ConnectionOptions,
  ) {
    const limits = { ...connectionLimits, ...options.limits };
    this.#limits = limits;
    this.#decoder = new FrameDecoder(handshakeFrame, options.memory);
    this.#gate = new OutputGate(() => link.buffered, limits.highWater);
    this.#inbound = new InboundRequests({
      limits,
      handler: options.handler,
      logger: options.logger,
      peer: link,
      isAdmitted: () => this.admitted,
      gate: this.#gate,
      send: (kind, id, message, body) => {
        this.#send(kind, id, message, body?.bytes, body?.release);
      },
      onAnswered: () => {
        this.#onAnswered();
      },
    });
    this.#outbound = new OutboundRequests({
      limits,
      send: (id, message, body) => {
        this.#send(FrameKind.request, id, message, body);
      },
      sendCancel: (id) => {
        this.#send(FrameKind.cancel, id);
      },
      hasRoom: () => this.#gate.hasRoom(),
      movedAt: () => this.#movedAt,
      onHopeless: (reason) => {
        this.#fail(reason);
      },
    });
    this.#keepalive = new Keepalive(limits, {
      ping: (timeoutMs) => this.request({ t: 'ping' }, { timeoutMs }),
      onDead: () => {
        this.#close(new PeerError('timeout', 'The other peer has fallen silent.'));
      },
    });
    this.#handshake = setTimeout(() => {
      this.#fail(new PeerError('timeout', 'The other peer did not introduce itself in time.'));
    }, limits.handshakeMs);
    this.#handshake.unref();
    link.attach({
      onData: (chunk) => {
        this.#receive(chunk);
      },
      onDrain: () => {
        this.#onDrain();
      },
      onClose: (cause) => {
        this.#close(new PeerError('closed', 'The connection was lost.', { cause }));
      },
    });
  }

  get nodeId(): string {
    return this.link.nodeId;
  }

  /** Where the other end is seen at: a host, for people to read. */
  get remoteAddress(): string {
    return this.link.remoteAddress;
  }

  get admitted(): boolean {
    return this.#state === 'admitted';
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  /**
   * From here on everything passes. Called while `hello` is being answered, it takes effect with the answer:
   * nothing overtakes it.
   */
  admit(): void {
    if (this.#state !== 'secured') return;
    this.#state = 'admitting';
    if (this.#inbound.count === 0) this.#becomeAdmitted();
  }

  /**
   * Asks and waits for the answer. Large requests wait for their turn, and small ones for the admission that
   * was granted already.
   *
   * @throws {PeerError} what the other end answered, `timeout`, `cancelled`, `closed`; `protocol` before admission.
   */
  async request<M extends RequestMessage>(
    message: M,
    options: RequestOptions = {},
  ): Promise<Answer<M['t']>> {
    if (this.#reason !== undefined) throw this.#reason;
    if (this.#state === 'admitting') {
      await new Promise<void>((resolve) => this.#whenAdmitted.push(resolve));
    }
    if (this.#state === 'secured') {
      if (!isHandshake(message.t)) {
        throw new PeerError('protocol', 'Nothing may be asked before admission.');
      }
      if (message.t === 'redeem') this.#decoder.setLimits(joiningFrame);
      this.#release();
    }
    return await this.#outbound.request<M['t']>(message.t, encodeMessage(message), options);
  }

  /** Told when the output has room: of several that wait for it, the last one. Dropped before admission. */
  notify(message: Notification): void {
    if (!this.admitted) return;
    this.#news = message;
    this.#tellNews();
  }

  /** Resolves when the output has room for a large frame, or the connection has ended. */
  ready(signal?: AbortSignal): Promise<void> {
    return this.#gate.ready(signal);
  }

  /** Closes with a reason, which the other end is told; before it, if it was admitted, what it is to know. */
  dismiss(reason: PeerError, farewell?: Notification): void {
    if (this.admitted && farewell !== undefined) {
      this.#send(FrameKind.notify, 0, encodeMessage(farewell));
    }
    this.#fail(reason);
  }

  /** Closes soon unless the other end shows that it is there: for when the network may have changed. */
  probe(): void {
    this.#keepalive.probe();
  }

  /** Gives out the answers that are being made, and closes. */
  closeAfterAnswer(): void {
    this.#leaving = true;
    if (this.#inbound.count === 0) this.#leave();
  }

  dispose(): void {
    this.#close(new PeerError('closed', 'The connection was closed.'));
  }

  #tellNews(): void {
    const news = this.#news;
    if (news === undefined || !this.#gate.hasRoom()) return;
    this.#news = undefined;
    this.#send(FrameKind.notify, 0, encodeMessage(news));
  }

  #receive(chunk: Uint8Array): void {
    if (this.closed) return;
    this.counters.received += chunk.byteLength;
    this.#keepalive.heard();
    if (!this.admitted && this.counters.received > this.#limits.handshakeBytes) {
      this.#fail(new PeerError('limit', 'Too much was sent before admission.'));
      return;
    }
    if (this.#decoder.inBody) this.#movedAt = performance.now();
    if (this.admitted && !this.#reading && this.#decoder.collect(chunk)) return;
    // What may have to wait is kept; what is read at once need not be.
    const waits = !this.admitted || this.#reading;
    this.#held.push(waits ? chunk.slice() : chunk);
    this.#read();
  }

  /** Dispatches what has arrived, up to where the owner has to decide first. */
  #read(): void {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (!this.#holding && !this.closed) {
        const next = this.#frames?.next();
        if (next?.done === false) {
          this.#dispatch(next.value);
          continue;
        }
        const chunk = this.#held.shift();
        if (chunk === undefined) break;
        this.#frames = this.#decoder.push(chunk);
      }
    } catch (error) {
      this.#fail(PeerError.from(error));
    } finally {
      this.#reading = false;
    }
  }

  #dispatch(frame: Frame): void {
    const { kind, id, message, body } = frame;
    if (body.bytes.byteLength > 0 && kind !== FrameKind.request && kind !== FrameKind.response) {
      throw new PeerError('protocol', 'A frame of this kind has no body.');
    }
    switch (kind) {
      case FrameKind.request:
        // Frames are handed over one at a time until the owner has decided whom it deals with.
        if (!this.admitted) this.#hold();
        this.#inbound.take(frame);
        return;
      case FrameKind.cancel:
        if (message.byteLength > 0) throw new PeerError('protocol', 'A cancel frame says nothing.');
        this.#inbound.cancel(id);
        return;
      case FrameKind.notify: {
        if (!this.admitted) throw new PeerError('not-trusted', 'Refused.');
        const notification = decodeNotification(message);
        if (notification !== undefined) this.options.onNotification?.(notification);
        return;
      }
      case FrameKind.error:
        if (id === 0) {
          this.#close(decodeError(message));
          return;
        }
        break;
      case FrameKind.response:
      case FrameKind.progress:
    }
    if (!this.admitted) this.#hold();
    this.#outbound.take(frame);
  }

  #hold(): void {
    this.#holding = true;
    this.link.pause();
  }

  #release(): void {
    if (!this.#holding || this.closed) return;
    this.#holding = false;
    this.link.resume();
    this.#read();
  }

  #onAnswered(): void {
    if (this.closed) return;
    if (this.#leaving && this.#inbound.count === 0) this.#leave();
    else if (this.#state === 'admitting') this.#becomeAdmitted();
    else if (this.#state === 'secured') this.#release();
  }

  #becomeAdmitted(): void {
    this.#state = 'admitted';
    clearTimeout(this.#handshake);
    this.#decoder.setLimits(admittedFrame);
    this.#keepalive.start();
    this.options.onAdmitted?.();
    for (const go of this.#whenAdmitted.splice(0)) go();
    this.#release();
  }

  #onDrain(): void {
    // Small frames leave into the buffers of the system, whether or not anybody is there any more.
    if (this.#bodyQueued) {
      this.#keepalive.heard();
      this.#movedAt = performance.now();
    }
    if (this.link.buffered === 0) this.#bodyQueued = false;
    this.#tellNews();
    this.#gate.wake();
    this.#outbound.pump();
  }

  #send(
    kind: FrameKind,
    id: number,
    message?: Uint8Array,
    body?: Uint8Array,
    onSent?: () => void,
  ): void {
    if (this.closed) return;
    const parts = encodeFrame(kind, id, message, body);
    for (const part of parts) this.counters.sent += part.byteLength;
    if (parts.length > 1) this.#bodyQueued = true;
    this.link.write(parts, onSent);
    if (this.link.buffered > this.#limits.output) {
      this.#close(new PeerError('limit', 'The other peer does not read what it asked for.'));
    }
  }

  /** The other end broke a rule, or is of no use: tells it why, and closes. */
  #fail(reason: PeerError): void {
    if (this.closed) return;
    this.options.logger.info('connection ended', this.nodeId, reason.code, reason.message);
    this.#send(FrameKind.error, 0, encodeError(reason));
    this.#end(reason);
    this.link.end();
    this.link.resume(); // unread input would turn the close into a reset, and the reason would be lost
  }

  #leave(): void {
    if (this.closed) return;
    this.#end(new PeerError('closed', 'The connection was closed.'));
    this.link.end();
    this.link.resume();
  }

  #close(reason: PeerError): void {
    if (this.closed) return;
    this.#end(reason);
    this.link.destroy();
  }

  #end(reason: PeerError): void {
    this.#state = 'closed';
    this.#reason = reason;
    clearTimeout(this.#handshake);
    this.#keepalive.dispose();
    this.#held.length = 0;
    this.#frames = undefined;
    for (const go of this.#whenAdmitted.splice(0)) go();
    this.#inbound.end();
    this.#outbound.end(reason);
    this.#gate.open();
    this.#closed.fire(reason);
    this.#closed.dispose();
  }
}
