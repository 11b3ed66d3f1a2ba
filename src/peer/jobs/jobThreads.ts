import { Worker } from 'node:worker_threads';
import { threadLimits } from '../limits.js';
import type { TransferWorkerData } from './runTransferWorker.js';

/** Where the threads of transfers come from. */
export interface JobRuntime {
  /** Absolute path of the bundled worker. */
  readonly workerPath: string;
  readonly kernel: WebAssembly.Module;
}

/**
 * The threads that run transfers, one at a time each. One that had little to do is kept for a while, since to start another
 * one takes many times as long as to share a small file.
 */
export class JobThreads {
  /** Those that do nothing, and when each is ended. */
  readonly #idle = new Map<Worker, NodeJS.Timeout>();
  #closed = false;

  constructor(private readonly runtime: JobRuntime) {}

  /** A thread that waits for a job: it is the caller's until it is given back, or has ended. */
  take(): Worker {
    const [kept] = this.#idle.keys();
    if (kept === undefined) return this.#start();
    this.#forget(kept);
    kept.ref();
    return kept;
  }

  /** Takes back one that has said that it is free. */
  give(worker: Worker): void {
    if (this.#closed || this.#idle.size >= threadLimits.idle) {
      void worker.terminate();
      return;
    }
    worker.unref();
    const timer = setTimeout(() => {
      this.#forget(worker);
      void worker.terminate();
    }, threadLimits.idleMs);
    timer.unref();
    this.#idle.set(worker, timer);
  }

  /** Ends those that do nothing, now and from now on. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    const workers = [...this.#idle.keys()];
    for (const worker of workers) this.#forget(worker);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const { workerPath, kernel } = this.runtime;
    const data: TransferWorkerData = { role: 'transfer', kernel };
    const worker = new Worker(workerPath, { workerData: data });
    // Whoever has it hears what went wrong; one that nobody has is only not to be taken.
    worker.on('error', () => {
      this.#forget(worker);
    });
    worker.once('exit', () => {
      this.#forget(worker);
    });
    return worker;
  }

  #forget(worker: Worker): void {
    clearTimeout(this.#idle.get(worker));
    this.#idle.delete(worker);
  }
}
