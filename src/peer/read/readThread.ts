import { Worker } from 'node:worker_threads';
import { PeerError } from '../../common/errors.js';
import type { JobRuntime } from '../jobs/jobThreads.js';
import { readLimits } from '../limits.js';
import type { FromReader, ReadCalls, ReadMethod, ToReader } from './messages.js';
import type { ReadWorkerData } from './runReadWorker.js';

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: PeerError) => void;
}

/** The one thread that opens what is read in parts: started when it is first needed, and used again. */
export class ReadThread {
  #worker: Worker | undefined;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param onEnd what it kept is gone */
  constructor(
    private readonly runtime: JobRuntime,
    private readonly onEnd: () => void,
  ) {}

  /** Starts the thread when it does not run: in time, while holders are asked. */
  warm(): void {
    this.#running();
    this.#endWhenIdle();
  }

  /** @throws PeerError what the call throws; `closed`, `timeout` */
  async call<M extends ReadMethod>(
    method: M,
    params: ReadCalls[M]['params'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<ReadCalls[M]['result']> {
    const worker = this.#running();
    const id = this.#nextId++;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<ReadCalls[M]['result']>((resolve, reject) => {
        timer = setTimeout(() => {
          reject(new PeerError('timeout', 'The reading thread does not answer.'));
        }, readLimits.callMs);
        this.#pending.set(id, {
          resolve: (value) => {
            resolve(value as ReadCalls[M]['result']); // of the same build: see ReadCalls
          },
          reject,
        });
        worker.postMessage({ id, method, params } satisfies ToReader, [...transfer]);
      });
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
      this.#endWhenIdle();
    }
  }

  /** Ends the thread at once; calls that wait fail with `closed`. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#ended(worker, new PeerError('closed', 'The peer ends.'));
    await worker?.terminate();
  }

  #running(): Worker {
    clearTimeout(this.#idle);
    if (this.#worker !== undefined) return this.#worker;
    if (this.#closed) throw new PeerError('closed', 'The peer ends.');
    const data: ReadWorkerData = { role: 'read', kernel: this.runtime.kernel };
    const worker = new Worker(this.runtime.workerPath, { workerData: data });
    this.#worker = worker;
    worker.on('message', (message: FromReader) => {
      const pending = this.#pending.get(message.id);
      if ('error' in message) pending?.reject(PeerError.fromInfo(message.error));
      else pending?.resolve(message.value);
    });
    worker.on('error', (error) => {
      this.#ended(worker, PeerError.from(error));
    });
    worker.once('exit', () => {
      this.#ended(worker, new PeerError('internal', 'The reading thread ended.'));
    });
    this.#endWhenIdle();
    return worker;
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idle);
    if (this.#pending.size > 0 || this.#closed) return;
    this.#idle = setTimeout(() => {
      const worker = this.#worker;
      this.#ended(worker, new PeerError('closed', 'The reading thread was idle.'));
      worker?.postMessage(null satisfies ToReader);
    }, readLimits.idleMs);
    this.#idle.unref();
  }

  #ended(worker: Worker | undefined, error: PeerError): void {
    if (worker === undefined || worker !== this.#worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.onEnd();
  }
}
