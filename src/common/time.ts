import { setTimeout as delay } from 'node:timers/promises';
import { toDisposable, type Disposable } from './disposable.js';

/** The passing of time, as an argument: tests let hours pass at once. */
export interface Time {
  /** Milliseconds on a clock that only moves forwards, whatever the user does to the other one. */
  now(): number;
  /** Calls once after `ms`, unless it is disposed of first. Does not keep the process running. */
  after(ms: number, task: () => void): Disposable;
}

export const systemTime: Time = {
  now: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms).unref();
    return toDisposable(() => {
      clearTimeout(timer);
    });
  },
};

/** Resolves after `ms`, or as soon as the signal aborts. */
export function passing(time: Time, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.dispose();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = time.after(ms, end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}

/** Resolves when the task has ended, however it ends, or after `ms`; the task goes on then. */
export async function within(ms: number, task: Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  const late = delay(ms, undefined, { ref: false, signal: limit.signal });
  await Promise.race([task, late]).catch(() => undefined);
  limit.abort();
}
