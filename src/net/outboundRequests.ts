import { PeerError } from '../common/errors.js';
import type { Lease } from '../common/memory.js';
import { FrameKind, type Frame } from '../protocol/frame.js';
import type { ConnectionLimits } from '../protocol/limits.js';
import {
  decodeError,
  decodeProgress,
  decodeResponse,
  type ProgressMessage,
  type RequestName,
  type ResponseTo,
} from '../protocol/messages.js';

export interface RequestOptions {
  /** Raw bytes behind the message; not copied, so not to be changed until the promise settles. */
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
  /** Silence after which the request fails; its progress, and for a while bodies that move, start it anew. */
  readonly timeoutMs?: number;
  /** Without it, progress breaks the protocol. */
  readonly onProgress?: (progress: ProgressMessage) => void;
}

export interface Answer<T extends RequestName> {
  readonly message: ResponseTo<T>;
  /** Lent to whoever asked; empty for most. */
  readonly body: Lease;
}

export interface OutboundOptions {
  readonly limits: ConnectionLimits;
  readonly send: (id: number, message: Uint8Array, body: Uint8Array | undefined) => void;
  readonly sendCancel: (id: number) => void;
  /** Whether the output has room for another large frame; `pump` is called when that may have changed. */
  readonly hasRoom: () => boolean;
  /** When bytes of bodies moved last, either way, by `performance.now()`. */
  readonly movedAt: () => number;
  /** The other end owes too many answers to be of use. */
  readonly onHopeless: (reason: PeerError) => void;
}

/** A request from its call to its end. */
interface Call {
  readonly message: Uint8Array;
  readonly body: Uint8Array | undefined;
  readonly bytes: number;
  /** 0 while it waits in the queue. */
  id: number;
  /** @throws {PeerError} when the frame breaks the protocol; the call has failed then. */
  readonly take: (frame: Frame) => void;
  readonly fail: (reason: PeerError) => void;
  readonly restart: () => void;
}

/**
 * What this end asks. No more is open at once than the other end accepts; the rest waits here, in order.
 * Every request ends: with an answer, an error, its deadline, its signal, or the connection.
 */
export class OutboundRequests {
  /** By id; undefined for one that was given up and is still owed an answer. */
  readonly #open = new Map<number, { readonly bytes: number; readonly call: Call | undefined }>();
  readonly #queue: Call[] = [];
  #bytes = 0;
  #abandoned = 0;
  #lastId = 0;
  #ended: PeerError | undefined;

  constructor(private readonly options: OutboundOptions) {}

  request<T extends RequestName>(
    t: T,
    message: Uint8Array,
    { body, signal, onProgress, timeoutMs = this.options.limits.requestMs }: RequestOptions,
  ): Promise<Answer<T>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (signal?.aborted === true) return Promise.reject(cancelled(signal));
    return new Promise((resolve, reject) => {
      const deadline = new Deadline(timeoutMs, this.options, () => {
        this.#giveUp(call, new PeerError('timeout', 'The other peer does not answer.'));
      });
      const onAbort = (): void => {
        if (signal !== undefined) this.#giveUp(call, cancelled(signal));
      };
      const settle = (): void => {
        deadline.clear();
        signal?.removeEventListener('abort', onAbort);
      };
      const call: Call = {
        message,
        body,
        bytes: message.byteLength + (body?.byteLength ?? 0),
        id: 0,
        take: (frame) => {
          if (frame.kind === FrameKind.progress) {
            const progress = decodeProgress(frame.message);
            // Who waits for nothing but the answer would wait for ever.
            if (onProgress === undefined) {
              throw new PeerError('protocol', 'Progress of a request that has none.');
            }
            deadline.restart();
            onProgress(progress);
          } else if (frame.kind === FrameKind.error) {
            call.fail(decodeError(frame.message));
          } else {
            const answer = decodeResponse(t, frame.message, frame.body.bytes);
            settle();
            resolve({ message: answer, body: frame.body });
          }
        },
        fail: (reason) => {
          settle();
          reject(reason);
        },
        restart: () => {
          deadline.restart();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(call);
      this.pump();
    });
  }

  /** Sends what waits, as far as the other end and the output have room. */
  pump(): void {
    const { limits, hasRoom, send } = this.options;
    for (;;) {
      const call = this.#queue[0];
      if (call === undefined || this.#open.size >= limits.requests) return;
      if (this.#bytes > 0 && this.#bytes + call.bytes > limits.requestBytes) return;
      if (call.bytes > limits.smallFrame && !hasRoom()) return;
      this.#queue.shift();
      call.id = this.#takeId();
      this.#bytes += call.bytes;
      this.#open.set(call.id, { bytes: call.bytes, call });
      call.restart();
      send(call.id, call.message, call.body);
    }
  }

  /**
   * A response, error or progress frame.
   *
   * @throws {PeerError} `protocol` when nobody asked, or for an answer of wrong contents.
   */
  take(frame: Frame): void {
    const open = this.#open.get(frame.id);
    if (open === undefined) throw new PeerError('protocol', 'An answer that nobody asked for.');
    const { call } = open;
    if (frame.kind !== FrameKind.progress) {
      this.#open.delete(frame.id);
      this.#bytes -= open.bytes;
      if (call === undefined) {
        this.#abandoned -= 1;
        frame.body.release();
      }
      this.pump();
    }
    try {
      call?.take(frame);
    } catch (error) {
      call?.fail(PeerError.from(error));
      throw error;
    }
  }

  /** Fails everything that is open or waits, now and later. */
  end(reason: PeerError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    const calls = [...[...this.#open.values()].map(({ call }) => call), ...this.#queue];
    this.#open.clear();
    this.#queue.length = 0;
    for (const call of calls) call?.fail(reason);
  }

  #giveUp(call: Call, reason: PeerError): void {
    if (call.id === 0) {
      this.#queue.splice(this.#queue.indexOf(call), 1);
    } else {
      this.#open.set(call.id, { bytes: call.bytes, call: undefined });
      this.#abandoned += 1;
      this.options.sendCancel(call.id);
    }
    call.fail(reason);
    if (this.#abandoned > this.options.limits.abandoned) this.options.onHopeless(reason);
    else this.pump();
  }

  #takeId(): number {
    do this.#lastId = (this.#lastId % 0xffff_ffff) + 1;
    while (this.#open.has(this.#lastId));
    return this.#lastId;
  }
}

/** Fires after a time in which neither this request nor any body made progress, and in the end anyway. */
class Deadline {
  #timer: NodeJS.Timeout | undefined;
  #started = 0;

  constructor(
    private readonly timeoutMs: number,
    private readonly options: Pick<OutboundOptions, 'limits' | 'movedAt'>,
    private readonly onTimeout: () => void,
  ) {
    this.restart();
  }

  restart(): void {
    this.#started = performance.now();
    this.#arm(this.timeoutMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  #arm(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#check();
    }, delay);
  }

  #check(): void {
    const now = performance.now();
    const { movedAt, limits } = this.options;
    const idle = now - Math.max(this.#started, movedAt());
    const exhausted = now - this.#started >= this.timeoutMs * limits.requestPatience;
    // Timers may fire a fraction early by this clock.
    if (exhausted || idle + 1 >= this.timeoutMs) this.onTimeout();
    else this.#arm(Math.ceil(this.timeoutMs - idle));
  }
}

function cancelled({ reason }: AbortSignal): PeerError {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
    ? new PeerError('timeout', 'The other peer does not answer in time.')
    : new PeerError('cancelled', 'The operation was cancelled.');
}
