import type { MessagePort } from 'node:worker_threads';
import { Kernel } from '../../chunk/kernel.js';
import { PeerError } from '../../common/errors.js';
import { GetJob } from './getJob.js';
import type { FromWorker, JobInput, JobMessage, OutOfWorker, ToWorker } from './messages.js';
import { ShareJob } from './shareJob.js';

export interface TransferWorkerData {
  readonly role: 'transfer';
  readonly kernel: WebAssembly.Module;
}

/**
 * Runs transfers in this thread, one after the other. The thread ends with one that fails, is stopped, or was large: what such
 * a one has used is given back that way.
 */
export function runTransferWorker(port: MessagePort, { kernel }: TransferWorkerData): void {
  let transfer: Transfer | undefined;
  let instance: Kernel | undefined;
  const makeKernel = (): Kernel => (instance ??= Kernel.create(kernel));
  port.on('message', (message: JobMessage | ToWorker) => {
    if (message.type === 'job') transfer = new Transfer(port, makeKernel, message.input);
    else transfer?.hear(message);
  });
}

class Transfer {
  #job: ShareJob | GetJob | undefined;
  #ended = false;
  readonly #waiting: ToWorker[] = [];

  constructor(
    private readonly port: MessagePort,
    makeKernel: () => Kernel,
    input: JobInput,
  ) {
    try {
      const kernel = makeKernel();
      this.#job =
        input.kind === 'share'
          ? new ShareJob(input, kernel, this.#post)
          : new GetJob(input, kernel, this.#post, this.#fail);
    } catch (error) {
      this.#fail(error);
    }
  }

  hear(message: ToWorker): void {
    if (this.#ended) return; // messages that were under way still arrive
    if (message.type === 'stop') this.#end(false, message.keep);
    else if (this.#waiting.push(message) === 1) setImmediate(this.#takeNext);
  }

  /** One a turn of the loop: a port hands over all it has before what the disk has done is heard. */
  readonly #takeNext = (): void => {
    const message = this.#waiting.shift();
    if (this.#ended || message === undefined) return;
    if (this.#waiting.length > 0) setImmediate(this.#takeNext);
    try {
      this.#job?.take(message);
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #post = (message: FromWorker): void => {
    this.port.postMessage(message);
    if (message.type === 'shared' || message.type === 'finished') {
      this.#end(this.#job?.usedLittle === true);
    }
  };

  readonly #fail = (error: unknown): void => {
    if (this.#ended) return;
    const message: FromWorker = { type: 'failed', error: PeerError.from(error).toInfo() };
    this.port.postMessage(message);
    this.#end(false);
  };

  #end(isFree: boolean, keep = false): void {
    if (this.#ended) return;
    this.#ended = true;
    const job = this.#job;
    this.#job = undefined; // with its keys and its memory
    try {
      job?.close(keep);
      if (isFree) this.port.postMessage({ type: 'free' } satisfies OutOfWorker);
    } catch {
      isFree = false; // what is done is done; the end of the thread lets go of the rest
    }
    if (!isFree) this.port.close();
  }
}
