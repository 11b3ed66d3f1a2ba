import { setTimeout as delay } from 'node:timers/promises';

/** A signal that aborts with `signal`, or after so many seconds. */
export function deadline(signal: AbortSignal, seconds: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
}

/** Asks again and again until the answer is not undefined. @throws when `signal` aborts */
export async function poll<T>(
  ask: () => Promise<T | undefined>,
  signal: AbortSignal,
  everyMs = 20,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(everyMs, undefined, { signal });
  }
}
