import { Worker } from 'node:worker_threads';
import { PeerError } from '../../common/errors.js';
import type { FromWorker, JobInput, ToWorker } from './messages.js';
import type { TransferWorkerData } from './runTransferWorker.js';

/** Where the threads of transfers come from. */
export interface JobRuntime {
  /** Absolute path of the bundled worker. */
  readonly workerPath: string;
  readonly kernel: WebAssembly.Module;
}

/** A thread that runs one transfer. Messages come in order; the last is `shared`, `finished` or `failed`. */
export class JobThread {
  readonly #worker: Worker;
  /** Whether it has something to remove before it ends. */
  readonly #cleansUp: boolean;
  #ended = false;
  #isStopped = false;
  readonly #exit: Promise<void>;

  constructor(runtime: JobRuntime, input: JobInput, onMessage: (message: FromWorker) => void) {
    this.#cleansUp = input.kind === 'get';
    const data: TransferWorkerData = { role: 'transfer', kernel: runtime.kernel, input };
    this.#worker = new Worker(runtime.workerPath, { workerData: data });
    const fail = (error: PeerError): void => {
      if (this.#ended) return;
      this.#ended = true;
      onMessage({ type: 'failed', error: error.toInfo() });
    };
    this.#worker.on('message', (message: FromWorker) => {
      // What is done is done, though somebody wanted to stop it.
      if (this.#ended && !(this.#isStopped && message.type === 'finished')) return;
      this.#ended =
        message.type === 'failed' || message.type === 'shared' || message.type === 'finished';
      onMessage(message);
    });
    this.#worker.on('error', (error) => {
      fail(PeerError.from(error));
    });
    this.#exit = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        fail(new PeerError('internal', 'The thread of this transfer ended.'));
        resolve();
      });
    });
  }

  post(message: ToWorker): void {
    if (!this.#ended) this.#worker.postMessage(message);
  }

  /**
   * Ends the thread; a download first cleans up behind itself, unless what it has is to be kept. Resolves when it has
   * ended; `finished` may come until then.
   */
  async stop(keep = false): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.#isStopped = true;
      if (this.#cleansUp) this.#worker.postMessage({ type: 'stop', keep } satisfies ToWorker);
      // It may be walking through a folder without end, and read no messages.
      else await this.#worker.terminate();
    }
    await this.#exit;
  }
}
