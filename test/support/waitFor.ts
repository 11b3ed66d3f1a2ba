import type { ControlClient } from '../../src/control/contract.js';

/**
 * Waits until `check` is true: it is asked at once, and again after everything that the peer reports.
 *
 * @throws Error after `deadlineMs`, naming `what` was waited for, or when the peer ends.
 */
export async function waitFor(
  client: ControlClient,
  check: () => Promise<boolean>,
  what: string,
  deadlineMs = 30_000,
): Promise<void> {
  let wake: () => void = () => undefined;
  let failure: Error | undefined;
  let news = false;
  const onNews = (): void => {
    news = true;
    wake();
  };
  const fail = (why: string): void => {
    failure = new Error(`waited for ${what}: ${why}`);
    wake();
  };
  const subscriptions = [
    client.on('changed', onNews),
    client.on('transfer', onNews),
    client.onClose(() => {
      fail('the peer ended');
    }),
  ];
  const timer = setTimeout(() => {
    fail(`not within ${String(deadlineMs)} ms`);
  }, deadlineMs);
  try {
    for (;;) {
      news = false;
      if (await check()) return;
      if (failure as Error | undefined) throw failure as Error | undefined;
      if (!(news as boolean)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    clearTimeout(timer);
    for (const subscription of subscriptions) subscription.dispose();
  }
}
