import type { MessagePort } from 'node:worker_threads';
import { Kernel } from '../../chunk/kernel.js';
import { PeerError } from '../../common/errors.js';
import { GetJob } from './getJob.js';
import type { FromWorker, JobInput, ToWorker } from './messages.js';
import { ShareJob } from './shareJob.js';

export interface TransferWorkerData {
  readonly role: 'transfer';
  readonly kernel: WebAssembly.Module;
  readonly input: JobInput;
}

/** Runs one transfer in this thread until it has ended; the thread ends with it. */
export function runTransferWorker(port: MessagePort, { kernel, input }: TransferWorkerData): void {
  let job: ShareJob | GetJob | undefined;
  let ended = false;
  const post = (message: FromWorker): void => {
    port.postMessage(message);
    if (message.type === 'shared' || message.type === 'finished') end();
  };
  const end = (keep = false): void => {
    if (ended) return; // messages that were under way still arrive
    ended = true;
    job?.close(keep);
    port.close();
  };
  const fail = (error: unknown): void => {
    if (ended) return;
    port.postMessage({
      type: 'failed',
      error: PeerError.from(error).toInfo(),
    } satisfies FromWorker);
    end();
  };
  try {
    const instance = Kernel.create(kernel);
    job =
      input.kind === 'share'
        ? new ShareJob(input, instance, post)
        : new GetJob(input, instance, post, fail);
  } catch (error) {
    fail(error);
    return;
  }
  const running = job;
  const waiting: ToWorker[] = [];
  // One a turn of the loop: a port hands over all it has before what the disk has done is heard.
  const takeNext = (): void => {
    const message = waiting.shift();
    if (ended || message === undefined) return;
    if (waiting.length > 0) setImmediate(takeNext);
    try {
      running.take(message);
    } catch (error) {
      fail(error);
    }
  };
  port.on('message', (message: ToWorker) => {
    if (message.type === 'stop') end(message.keep);
    else if (waiting.push(message) === 1) setImmediate(takeNext);
  });
}
