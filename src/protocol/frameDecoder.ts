import { PeerError } from '../common/errors.js';
import { decodeHeader, headerBytes, type Frame, type FrameHeader } from './frame.js';
import type { FrameLimits } from './limits.js';

/** A claimed length gets this much at once; the rest when that much has really arrived. */
const firstAllocation = 64 * 1024;

/** Collects exactly `length` bytes in an ArrayBuffer of that length. */
class Collector {
  #bytes: Uint8Array<ArrayBuffer>;
  #filled = 0;

  constructor(private readonly length: number) {
    this.#bytes = allocate(Math.min(length, firstAllocation));
  }

  get missing(): number {
    return this.length - this.#filled;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Takes what it needs from `chunk`; answers how much that was. */
  take(chunk: Uint8Array): number {
    const count = Math.min(this.missing, chunk.byteLength);
    const end = this.#filled + count;
    if (end > this.#bytes.byteLength) {
      const whole = allocate(this.length);
      whole.set(this.#bytes.subarray(0, this.#filled));
      this.#bytes = whole;
    }
    this.#bytes.set(count === chunk.byteLength ? chunk : chunk.subarray(0, count), this.#filled);
    this.#filled = end;
    return count;
  }
}

/**
 * Bytes → frames, however they were split or joined on the way. Lengths are checked against the limits
 * of the moment before anything is allocated, and at most one unfinished frame is held.
 */
export class FrameDecoder {
  #header = new Collector(headerBytes);
  #current: { header: FrameHeader; message: Collector; body: Collector } | undefined;

  constructor(private limits: FrameLimits) {}

  /** For every header that is read from now on. */
  setLimits(limits: FrameLimits): void {
    this.limits = limits;
  }

  /** Whether a body is under way: bytes that arrive now are worth waiting for. */
  get inBody(): boolean {
    return this.#current !== undefined && this.#current.header.bodyLength > 0;
  }

  /**
   * Frames that `chunk` completes, lazily: what is done with one (limits, pausing) acts upon the next.
   * `chunk` is read while the result is iterated: end that before the next push, and leave `chunk` alone.
   *
   * @throws {PeerError} `limit`, `protocol`, `unsupported`: nothing can be read after that.
   */
  *push(chunk: Uint8Array): Generator<Frame, void, void> {
    let rest = chunk;
    while (rest.byteLength > 0) {
      if (this.#current === undefined) {
        rest = rest.subarray(this.#header.take(rest));
        if (this.#header.missing > 0) return;
        this.#start(decodeHeader(this.#header.bytes));
      }
      const current = this.#current;
      if (current === undefined) return;
      rest = rest.subarray(current.message.take(rest));
      if (current.message.missing === 0) rest = rest.subarray(current.body.take(rest));
      if (current.message.missing > 0 || current.body.missing > 0) continue;
      this.#current = undefined;
      this.#header = new Collector(headerBytes);
      const { kind, id } = current.header;
      yield { kind, id, message: current.message.bytes, body: current.body.bytes };
    }
  }

  #start(header: FrameHeader): void {
    const { message, body } = this.limits;
    if (header.messageLength > message || header.bodyLength > body) {
      throw new PeerError('limit', 'A frame is longer than allowed.');
    }
    this.#current = {
      header,
      message: new Collector(header.messageLength),
      body: new Collector(header.bodyLength),
    };
  }
}

/** Not from Node's shared pool, so that it can be transferred; not zeroed, for it is handed out full only. */
function allocate(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}
