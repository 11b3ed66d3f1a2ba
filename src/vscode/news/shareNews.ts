import type { ListedShare } from '../../control/contract.js';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import { Emitter } from '../../common/events.js';
import type { Logger } from '../../common/logger.js';
import type { PeerSession } from '../peerSession.js';
import { Throttle } from '../throttle.js';

/** Newest shares that are looked at when something has changed. */
const page = 200;
/** How far an author's clock may be behind, milliseconds. */
const tolerance = 5 * 60_000;
/** Ids that are remembered: one that left the page may come back when others are deleted. */
const mostKnown = 10_000;
/** Shortest time between two looks, milliseconds. */
const lookInterval = 1_000;

type Session = Pick<
  PeerSession,
  'state' | 'status' | 'attached' | 'onDidChange' | 'onDidChangeState'
>;

/**
 * What others share while this window is attached to a peer. Nothing that was there before is news, though the peer may
 * hear of it only now, as after joining a group; nor is what was shared from here. Knows nothing of the editor.
 */
export class ShareNews implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #arrived = this.#parts.add(new Emitter<readonly ListedShare[]>());
  readonly #changed = this.#parts.add(new Emitter<undefined>());
  /** Others have shared these. */
  readonly onDidArrive = this.#arrived.event;
  /** Something is news, or no longer. */
  readonly onDidChange = this.#changed.event;
  readonly #throttle: Throttle;
  readonly #new = new Set<string>();
  /** Ids that were on the page before; null until the first look. */
  #known: Set<string> | null = null;
  #groupId: string | undefined;
  #since = 0;
  #busy: Promise<void> = Promise.resolve();

  constructor(
    private readonly session: Session,
    private readonly log: Logger,
    interval = lookInterval,
  ) {
    this.#throttle = this.#parts.add(
      new Throttle(() => {
        void this.#look();
      }, interval),
    );
    this.#parts.add(
      session.onDidChangeState((state) => {
        if (state === 'running') this.#throttle.request();
      }),
    );
    this.#parts.add(
      session.onDidChange(({ topics }) => {
        if (topics.includes('shares') || this.#known === null) this.#throttle.request();
      }),
    );
  }

  /** Shares that are news. */
  get count(): number {
    return this.#new.size;
  }

  isNew(shareId: string): boolean {
    return this.#new.has(shareId);
  }

  /** The user has seen them: they are news no more. */
  forget(): void {
    if (this.#new.size === 0) return;
    this.#new.clear();
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#parts.dispose();
  }

  /** One look after the other: two at once would tell the same twice. */
  #look(): Promise<void> {
    this.#busy = this.#busy
      .then(() => this.#lookNow())
      .catch((error: unknown) => {
        this.log.debug(`Could not look for news: ${PeerError.from(error).message}`);
      });
    return this.#busy;
  }

  async #lookNow(): Promise<void> {
    const { attached: client, status } = this.session;
    const self = status?.self;
    if (client === undefined || self == null) return;
    if (this.#groupId !== self.groupId) {
      this.#groupId = self.groupId;
      this.#since = Date.now() - tolerance;
      this.#known = null;
      this.forget();
    }
    const params = { order: 'newest', cursor: null, limit: page } as const;
    const { shares } = await client.request('list', params, AbortSignal.timeout(10_000));
    // Without a key there is no name yet: it is news once it has one.
    const named = shares.filter(({ name }) => name !== '');
    const before = this.#known;
    const ids = named.map(({ shareId }) => shareId);
    const isFull = before !== null && before.size > mostKnown;
    this.#known = new Set(isFull || before === null ? ids : [...before, ...ids]);
    if (before === null) return;
    const arrived = named.filter(
      ({ shareId, authorId, createdAt }) =>
        !before.has(shareId) && authorId !== self.nodeId && createdAt >= this.#since,
    );
    if (arrived.length === 0) return;
    for (const { shareId } of arrived) this.#new.add(shareId);
    this.#changed.fire(undefined);
    this.#arrived.fire(arrived);
  }
}
