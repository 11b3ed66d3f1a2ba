import path from 'node:path';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import { Emitter } from '../../common/events.js';
import type { Logger } from '../../common/logger.js';
import { ShareNews } from '../news/shareNews.js';
import type { PeerSession } from '../peerSession.js';
import { GitNotes } from './gitNotes.js';
import { RiskWatch } from './riskWatch.js';
import { TransferLog } from './transferLog.js';

/**
 * One group that this machine is in, or a place for one: a data directory, the session with the peer of it, and what this
 * window knows. Knows nothing of the editor.
 */
export class Group implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = this.#parts.add(new Emitter<void>());
  /** The state or the status of its session is another one. */
  readonly onDidChange = this.#changed.event;
  readonly transfers: TransferLog;
  readonly news: ShareNews;
  readonly risks: RiskWatch;
  readonly git: GitNotes;
  #name: string | undefined;

  /** @param directory absolute; tells groups apart. @param session is disposed of with the group */
  constructor(
    readonly directory: string,
    readonly session: PeerSession,
    log: Logger,
  ) {
    this.#parts.add(session);
    const update = (): void => {
      const { status } = session;
      // Kept while its peer is away.
      if (status !== undefined) this.#name = status.self?.groupName;
      this.#changed.fire();
    };
    this.#parts.add(session.onDidChangeState(update));
    this.#parts.add(session.onDidChange(update));
    this.transfers = this.#parts.add(new TransferLog(session, log));
    this.news = this.#parts.add(new ShareNews(session, log));
    this.risks = this.#parts.add(new RiskWatch(session, log));
    this.git = this.#parts.add(new GitNotes(session, log));
  }

  /** Its name as its members know it; while that is not known, or there is none, its folder's. Not escaped. */
  get name(): string {
    return this.#name ?? path.basename(this.directory);
  }

  dispose(): void {
    this.#parts.dispose();
  }
}
