import type { Worker } from 'node:worker_threads';
import { PeerError } from '../../common/errors.js';
import type { JobThreads } from './jobThreads.js';
import type { FromWorker, JobInput, JobMessage, OutOfWorker, ToWorker } from './messages.js';

/** A thread while it runs one transfer. Messages come in order; the last is `shared`, `finished` or `failed`. */
export class JobThread {
  readonly #worker: Worker;
  /** Whether it has something to remove before it ends. */
  readonly #cleansUp: boolean;
  #ended = false;
  #isStopped = false;
  /** It has closed what it had open: it waits for another transfer, or does not run any more. */
  readonly #left = Promise.withResolvers<null>();

  constructor(
    private readonly threads: JobThreads,
    input: JobInput,
    private readonly onMessage: (message: FromWorker) => void,
  ) {
    this.#cleansUp = input.kind === 'get';
    this.#worker = threads.take();
    this.#worker.on('message', this.#hear).on('error', this.#fail).once('exit', this.#exited);
    this.#worker.postMessage({ type: 'job', input } satisfies JobMessage);
  }

  post(message: ToWorker): void {
    if (!this.#ended) this.#worker.postMessage(message);
  }

  /**
   * Ends the transfer; a download first cleans up behind itself, unless what it has is to be kept. Resolves when all of it is
   * closed; `finished` may come until then.
   */
  async stop(keep = false): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.#isStopped = true;
      if (this.#cleansUp) this.#worker.postMessage({ type: 'stop', keep } satisfies ToWorker);
      // It may be walking through a folder without end, and read no messages.
      else await this.#worker.terminate();
    }
    await this.#left.promise;
  }

  readonly #hear = (message: OutOfWorker): void => {
    if (message.type === 'free') {
      // It was terminated in the same moment: it ends, though it does not know yet.
      if (this.#isStopped && !this.#cleansUp) return;
      this.#leave();
      this.threads.give(this.#worker);
      return;
    }
    // What is done is done, though somebody wanted to stop it.
    if (this.#ended && !(this.#isStopped && message.type === 'finished')) return;
    this.#ended =
      message.type === 'failed' || message.type === 'shared' || message.type === 'finished';
    this.onMessage(message);
  };

  readonly #fail = (error: unknown): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.onMessage({ type: 'failed', error: PeerError.from(error).toInfo() });
  };

  readonly #exited = (): void => {
    this.#fail(new PeerError('internal', 'The thread of this transfer ended.'));
    this.#leave();
  };

  #leave(): void {
    this.#worker.off('message', this.#hear).off('error', this.#fail).off('exit', this.#exited);
    this.#left.resolve(null);
  }
}
