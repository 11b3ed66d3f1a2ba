import { Worker } from 'node:worker_threads';
import type { FuzzMessage, FuzzTask, TargetReport } from './messages.js';
import { Watch } from './watch.js';

/** Longest time for one input before the thread is given up, milliseconds. */
const hangMs = 20_000;
const lookEveryMs = 1_000;
/** Of the heap of the thread: no decoder comes near. */
const maxHeapMiB = 512;

/** Tries targets in a thread, and goes on with the next one when one hangs it, or takes all its memory. */
export async function supervise(
  task: Omit<FuzzTask, 'watched'>,
  onReport: (report: TargetReport) => void,
): Promise<void> {
  let left = task.targets;
  while (left.length > 0) {
    const ended = await runThread({ ...task, targets: left }, onReport);
    left = ended === undefined ? [] : left.slice(left.indexOf(ended) + 1);
  }
}

/** @returns the target that ended the thread; undefined when all are done. */
function runThread(
  task: Omit<FuzzTask, 'watched'>,
  onReport: (report: TargetReport) => void,
): Promise<string | undefined> {
  const watch = new Watch();
  const workerData: FuzzTask = { ...task, watched: watch.buffer };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB },
  });
  let current = '';
  let count = 0;
  let movedAt = performance.now();
  return new Promise((resolve, reject) => {
    let ended = false;
    const end = (reason: string | undefined): void => {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      void worker.terminate();
      if (reason === undefined) {
        resolve(undefined);
      } else if (current === '') {
        reject(new Error(reason));
      } else {
        const none = { runs: watch.count, corpus: 0, blocksAtFirst: 0, blocks: 0 };
        onReport({ target: current, ...none, finding: { input: watch.input, reason } });
        resolve(current);
      }
    };
    const timer = setInterval(() => {
      if (watch.count !== count || current === '') movedAt = performance.now();
      count = watch.count;
      if (performance.now() - movedAt > hangMs) end(`does not end within ${hangMs / 1000} s`);
    }, lookEveryMs);
    worker.on('message', (message: FuzzMessage) => {
      if (message.kind === 'begun') current = message.target;
      else onReport(message);
    });
    worker.once('error', (error) => {
      end(error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
    worker.once('exit', (code) => {
      end(code === 0 ? undefined : `the thread ended with ${code}`);
    });
  });
}
