import type { Disposable } from '../common/disposable.js';
import { PeerError } from '../common/errors.js';
import {
  type CallMessage,
  type FromWorker,
  fromWireError,
  type Handlers,
  type Reply,
  type ToWorker,
} from './rpc.js';
import { workerLimits } from './limits.js';

export interface CallOptions {
  /** Milliseconds without an answer or progress after which the call fails with `timeout`. */
  readonly timeout?: number;
  readonly onProgress?: (value: number) => void;
  readonly signal?: AbortSignal;
}

/** What runs a worker's code, seen from the main thread: a `Worker` of node:worker_threads is one. */
export interface WorkerEnd {
  on(event: 'message', listener: (message: FromWorker) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'exit', listener: () => void): unknown;
  postMessage(message: ToWorker): void;
  terminate(): Promise<unknown>;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: PeerError): void;
  progress(value: number): void;
}

/** Main-thread end of one store worker. */
export class WorkerClient<H extends Handlers> implements Disposable {
  readonly #worker: WorkerEnd;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  readonly #ready: Promise<unknown>;
  #queue: CallMessage[] = [];
  #nextId = 1;
  #closed: PeerError | null = null;

  constructor(worker: WorkerEnd) {
    this.#worker = worker;
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#fail(new PeerError('closed', 'A worker of the store has ended.'));
        resolve();
      });
    });
    this.#worker.on('error', (error) => {
      this.#fail(new PeerError('internal', 'A worker of the store has failed.', { cause: error }));
    });
    this.#ready = this.#expect(0, workerLimits.startMs, {});
    // Whoever calls ready() sees the failure; nobody else has to.
    this.#ready.catch(() => undefined);
    this.#worker.on('message', (message: FromWorker) => {
      this.#onMessage(message);
    });
  }

  /** What the worker says once it can be called. @throws {PeerError} why it cannot start */
  ready(): Promise<unknown> {
    return this.#ready;
  }

  async call<K extends keyof H & string>(
    method: K,
    args: Parameters<H[K]>,
    options: CallOptions = {},
  ): Promise<Awaited<ReturnType<H[K]>>> {
    if (options.signal?.aborted === true) {
      throw new PeerError('cancelled', 'The operation was cancelled.');
    }
    if (this.#closed !== null) throw this.#closed;
    if (this.#pending.size >= workerLimits.pending) {
      throw new PeerError('limit', 'Too many calls wait for the store.');
    }
    const id = this.#nextId++;
    if (this.#queue.length === 0) {
      setImmediate(() => {
        this.#flush();
      });
    }
    this.#queue.push({ id, method, args });
    const answer = this.#expect(id, options.timeout ?? workerLimits.callMs, options);
    return (await answer) as Awaited<ReturnType<H[K]>>;
  }

  /** Lets what was called finish, then ends the worker. */
  async close(): Promise<void> {
    if (this.#closed === null) {
      this.#flush();
      this.#post({ type: 'close' });
    }
    const timer = setTimeout(() => void this.#worker.terminate(), workerLimits.closeMs);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Ends the worker at once; what is in flight fails with `closed`. */
  dispose(): void {
    this.#fail(new PeerError('closed', 'The store is closed.'));
    void this.#worker.terminate();
  }

  #expect(id: number, timeout: number, options: CallOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const expire = (): void => {
        this.#pending.get(id)?.reject(new PeerError('timeout', 'The store does not answer.'));
        this.#post({ type: 'cancel', id });
      };
      let timer = setTimeout(expire, timeout);
      const cancel = (): void => {
        // Never before the call itself.
        this.#flush();
        this.#post({ type: 'cancel', id });
      };
      options.signal?.addEventListener('abort', cancel, { once: true });
      const settle = (): void => {
        clearTimeout(timer);
        options.signal?.removeEventListener('abort', cancel);
        this.#pending.delete(id);
      };
      this.#pending.set(id, {
        resolve: (value) => {
          settle();
          resolve(value);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
        progress: (value) => {
          clearTimeout(timer);
          timer = setTimeout(expire, timeout);
          options.onProgress?.(value);
        },
      });
    });
  }

  #flush(): void {
    if (this.#queue.length === 0) return;
    const calls = this.#queue;
    this.#queue = [];
    this.#post({ type: 'calls', calls });
  }

  #post(message: ToWorker): void {
    if (this.#closed === null) this.#worker.postMessage(message);
  }

  #onMessage(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#pending.get(0)?.resolve(message.info);
        break;
      case 'failed':
        this.#fail(fromWireError(message.error));
        break;
      case 'replies':
        for (const reply of message.replies) this.#onReply(reply);
    }
  }

  #onReply(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return; // it timed out
    if ('progress' in reply) pending.progress(reply.progress);
    else if ('error' in reply) pending.reject(fromWireError(reply.error));
    else pending.resolve(reply.value);
  }

  #fail(error: PeerError): void {
    this.#closed ??= error;
    for (const pending of [...this.#pending.values()]) pending.reject(this.#closed);
  }
}
