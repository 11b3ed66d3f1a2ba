import type { Socket } from 'node:net';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';

/** The largest TLS record, bytes: more than one is never handed over at once. */
const recordBytes = 16 * 1024;
/** Records that are read while nobody wants them. */
const maxWaiting = 4;

/**
 * What a socket receives, in one buffer that is used again and again. As a stream, Node hands out every TLS
 * record in memory of its own: 65,536 allocations a GiB, which cost more than the decryption does.
 */
export class SocketReader {
  /** For the options of the socket. */
  readonly onread = {
    buffer: new Uint8Array(recordBytes),
    callback: (count: number, buffer: Uint8Array): boolean => this.#take(buffer.subarray(0, count)),
  };
  /** What came while nobody read. */
  readonly #waiting: Uint8Array[] = [];
  #socket: Socket | undefined;
  #onData: (chunk: Uint8Array) => void = () => undefined;
  #paused = false;
  #onDrained: (() => void) | undefined;

  /** From now on `onData` is given what arrives; each chunk is valid during the call only. */
  attach(socket: Socket, onData: (chunk: Uint8Array) => void): void {
    this.#onData = onData;
    // Not before the caller has its state in order.
    queueMicrotask(() => {
      this.#socket = socket;
      if (!this.#paused) this.resume();
    });
  }

  /** A little is read on, and kept: otherwise nobody would notice that the other end went away. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#socket === undefined) return;
    while (!this.#isPaused()) {
      const chunk = this.#waiting.shift();
      if (chunk === undefined) {
        this.#socket.resume();
        this.#onDrained?.();
        return;
      }
      this.#onData(chunk);
    }
  }

  /** Calls back when nothing waits to be read: at once, or after a `resume`. */
  whenDrained(onDrained: () => void): void {
    if (this.#waiting.length === 0) onDrained();
    else this.#onDrained = onDrained;
  }

  #take(chunk: Uint8Array): boolean {
    const reads = this.#socket !== undefined && !this.#paused && this.#waiting.length === 0;
    if (reads) this.#onData(chunk);
    else this.#waiting.push(chunk.slice());
    return this.#waiting.length < maxWaiting;
  }

  /** Asked anew after each chunk: whoever takes it may pause. */
  #isPaused(): boolean {
    return this.#paused;
  }
}

/** What the constructor of a TLSSocket calls on itself, to be given its transport. */
interface Seam {
  _wrapHandle(wrap: Socket, handle: unknown, writing: boolean): unknown;
  _init(socket: Socket, wrap: Socket): void;
}

interface AcceptOptions extends TLSSocketOptions {
  readonly onread: SocketReader['onread'];
  readonly raw: Socket & { readonly _handle?: unknown };
}

const seam = TLSSocket.prototype as unknown as Partial<Seam>;

/**
 * The listening end over an accepted socket, with a {@link SocketReader}. Node takes `onread` for sockets that
 * it makes itself, as when it dials, and leaves it out for one that it is given: so it is given none, and
 * finds the accepted one when it asks for its transport.
 */
class AcceptedSocket extends TLSSocket {
  declare private readonly _tlsOptions: AcceptOptions;

  constructor(options: AcceptOptions) {
    super(undefined as unknown as Socket, options);
  }

  _wrapHandle(): unknown {
    const { raw } = this._tlsOptions;
    return seam._wrapHandle?.call(this, raw, raw._handle, false);
  }

  _init(): void {
    const { raw } = this._tlsOptions;
    seam._init?.call(this, raw, raw);
  }
}

/** Whether this Node has what {@link AcceptedSocket} uses; if not, accepted sockets are read as streams. */
const hasSeam = seam._wrapHandle !== undefined && seam._init !== undefined;

/** The TLS end of an accepted socket; the reader is undefined where it has to be read as a stream. */
export function acceptTls(
  raw: Socket,
  options: TLSSocketOptions,
): { readonly socket: TLSSocket; readonly reader: SocketReader | undefined } {
  const server = { ...options, isServer: true };
  if (!hasSeam) return { socket: new TLSSocket(raw, server), reader: undefined };
  const reader = new SocketReader();
  return { socket: new AcceptedSocket({ ...server, onread: reader.onread, raw }), reader };
}
