import { within } from '../../common/time.js';
import { syncLimits } from '../limits.js';

/**
 * A peer that was away, or whose data directory is an old copy, does not know yet what was deleted meanwhile. So it
 * hears the news of each member whom it meets for the first time in this run before it serves pieces to anybody. Where it
 * meets nobody there is nobody to serve; and two that both were away hear each other out and go on.
 */
export class NewsFirst {
  readonly #awaited = new Set<Promise<unknown>>();
  readonly #heard = new Set<string>();

  constructor(private readonly limitMs: number = syncLimits.newsMs) {}

  /** Whether there is nothing to wait for. */
  get passed(): boolean {
    return this.#awaited.size === 0;
  }

  /** Serves nobody before this has ended, however it ends. */
  await(task: Promise<unknown>): void {
    const bounded = within(this.limitMs, task).finally(() => {
      this.#awaited.delete(bounded);
    });
    this.#awaited.add(bounded);
  }

  /** The news of a member are being taken in; once in a run they are waited for. */
  hear(nodeId: string, news: Promise<unknown>): void {
    if (this.#heard.has(nodeId)) return;
    this.#heard.add(nodeId);
    this.await(news);
  }

  /** Resolves when there is nothing to wait for. */
  async heard(): Promise<void> {
    while (!this.passed) await Promise.all(this.#awaited);
  }
}
