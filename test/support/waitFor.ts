import type { ControlClient } from '../../src/control/contract.js';

/** What a peer reports. */
type News = Pick<ControlClient, 'on' | 'onClose'>;

/**
 * Waits until `check` is true: it is asked at once, and again after everything that the peer, or one of the peers,
 * reports.
 *
 * @throws Error after `deadlineMs`, naming `what` was waited for, or when a peer ends.
 */
export async function waitFor(
  from: News | readonly News[],
  check: () => Promise<boolean>,
  what: string,
  deadlineMs = 30_000,
): Promise<void> {
  let wake: () => void = () => undefined;
  let fail: (why: string) => void = () => undefined;
  const nextNews = (): Promise<void> => {
    const news = new Promise<void>((resolve, reject) => {
      wake = resolve;
      fail = (why) => {
        reject(new Error(`waited for ${what}: ${why}`));
      };
    });
    news.catch(() => undefined); // it may fail while the check still runs
    return news;
  };
  const subscriptions = [from].flat().flatMap((client) => [
    client.on('changed', () => {
      wake();
    }),
    client.on('transfer', () => {
      wake();
    }),
    client.onClose(() => {
      fail('the peer ended');
    }),
  ]);
  const timer = setTimeout(() => {
    fail(`not within ${String(deadlineMs)} ms`);
  }, deadlineMs);
  try {
    for (;;) {
      const news = nextNews(); // asked for before the check, so that none is missed
      if (await check()) return;
      await news;
    }
  } finally {
    clearTimeout(timer);
    for (const subscription of subscriptions) subscription.dispose();
  }
}
