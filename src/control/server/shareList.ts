import type { Peer } from '../../peer/peer.js';
import type { ListQuery, ListText, StateStore } from '../../store/store.js';
import type { ControlRequests } from '../contract.js';
import { serviceLimits } from '../limits.js';
import { packPage, type PackedPage } from '../listPage.js';
import type { JsonText } from '../wire.js';

/** A page that nobody has asked for yet. */
interface Ahead {
  /** What it answers. */
  readonly key: string;
  readonly page: Promise<ListText>;
  readonly timer: NodeJS.Timeout;
}

/**
 * The list, a page at a time, as the database wrote it: rows pass through unread. For a client that walks on from page to
 * page, the next one is looked up by the thread of the database while this one travels.
 */
export class ShareList {
  #ahead: Ahead | null = null;

  constructor(
    private readonly membership: Pick<Peer['membership'], 'isHolder' | 'nameOf'>,
    private readonly state: Pick<StateStore, 'shardsByHolder' | 'listText'>,
  ) {}

  async page(params: ControlRequests['list']['params']): Promise<JsonText> {
    const { order, prefix, versions, cursor, limit } = params;
    // Usually nobody: what is held by who was removed, or lost it, does not count.
    const without = [...(await this.state.shardsByHolder()).keys()].filter(
      (holderId) => !this.membership.isHolder(holderId),
    );
    const query: ListQuery = {
      ...{ order: order ?? 'newest', cursor, limit, without },
      ...(prefix !== undefined && { prefix }),
      ...(versions !== undefined && { versions }),
    };
    const page = await this.#take(query);
    // Most want the first page alone.
    if (cursor !== null && page.cursor !== null) this.#lookUp({ ...query, cursor: page.cursor });
    const authors = Object.entries(page.authors).map(([number, nodeId]) => [
      number,
      { nodeId, name: this.membership.nameOf(nodeId) },
    ]);
    return packPage(page.rows, Object.fromEntries(authors) as PackedPage['authors'], page.cursor);
  }

  /** What is listed has changed: a page from before it is not to be given out. */
  forget(): void {
    clearTimeout(this.#ahead?.timer);
    this.#ahead = null;
  }

  #take(query: ListQuery): Promise<ListText> {
    const ahead = this.#ahead;
    if (ahead?.key !== keyOf(query)) return this.state.listText(query);
    this.forget();
    return ahead.page;
  }

  #lookUp(query: ListQuery): void {
    this.forget();
    const page = this.state.listText(query);
    page.catch(() => undefined); // whoever asks for it hears of it
    const timer = setTimeout(() => {
      this.forget();
    }, serviceLimits.aheadMs);
    this.#ahead = { key: keyOf(query), page, timer: timer.unref() };
  }
}

function keyOf(query: ListQuery): string {
  return JSON.stringify(query);
}
