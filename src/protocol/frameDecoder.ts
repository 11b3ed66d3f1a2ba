import { copyBytes } from '../common/bytes.js';
import { PeerError } from '../common/errors.js';
import { freshMemory, lend, type Lease, type Memory } from '../common/memory.js';
import { decodeHeader, headerBytes, type Frame, type FrameHeader } from './frame.js';
import type { FrameLimits } from './limits.js';

/** A claimed length of a message gets this much at once; the rest when that much has really arrived. */
const firstAllocation = 64 * 1024;

/** Collects exactly `length` bytes. */
class Collector {
  #bytes: Uint8Array;
  #filled = 0;

  constructor(
    private readonly length: number,
    memory?: Uint8Array,
  ) {
    this.#bytes = memory ?? allocate(Math.min(length, firstAllocation));
  }

  get missing(): number {
    return this.length - this.#filled;
  }

  get bytes(): Uint8Array {
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
    const taken = count === chunk.byteLength ? chunk : chunk.subarray(0, count);
    copyBytes(taken, this.#bytes, this.#filled);
    this.#filled = end;
    return count;
  }
}

interface Current {
  readonly header: FrameHeader;
  readonly message: Collector;
  /** Made when its first byte arrives. */
  body: { readonly lease: Lease; readonly collector: Collector } | undefined;
}

const noBody = lend(new Uint8Array(0));

/**
 * Bytes → frames, however they were split or joined on the way. Lengths are checked against the limits
 * of the moment before anything is allocated, and at most one unfinished frame is held. Bodies are collected
 * in `memory`, where each belongs to whoever takes the frame.
 */
export class FrameDecoder {
  #header = new Collector(headerBytes);
  #current: Current | undefined;

  constructor(
    private limits: FrameLimits,
    private readonly memory: Memory = freshMemory,
  ) {}

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
      if (current.message.missing === 0) rest = rest.subarray(this.#takeBody(current, rest));
      const missing = current.body?.collector.missing ?? current.header.bodyLength;
      if (current.message.missing > 0 || missing > 0) continue;
      this.#current = undefined;
      this.#header = new Collector(headerBytes);
      const { kind, id } = current.header;
      yield { kind, id, message: current.message.bytes, body: current.body?.lease ?? noBody };
    }
  }

  /**
   * Takes `chunk` when it lies within the body that is under way, without ending it: almost all there is to read
   * during a transfer. If not, nothing has happened: it is for {@link push}, whose last result must have ended.
   */
  collect(chunk: Uint8Array): boolean {
    const collector = this.#current?.body?.collector;
    if (collector === undefined || chunk.byteLength >= collector.missing) return false;
    collector.take(chunk);
    return true;
  }

  #takeBody(current: Current, rest: Uint8Array): number {
    const length = current.header.bodyLength;
    if (rest.byteLength === 0 || length === 0) return 0;
    if (current.body === undefined) {
      const lease = this.memory.take(length);
      current.body = { lease, collector: new Collector(length, lease.bytes) };
    }
    return current.body.collector.take(rest);
  }

  #start(header: FrameHeader): void {
    const { message, body } = this.limits;
    if (header.messageLength > message || header.bodyLength > body) {
      throw new PeerError('limit', 'A frame is longer than allowed.');
    }
    this.#current = { header, message: new Collector(header.messageLength), body: undefined };
  }
}

/** Not zeroed, for it is handed out full only. */
function allocate(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}
