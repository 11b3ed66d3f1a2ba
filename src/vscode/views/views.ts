import { DisposableStore, toDisposable, type Disposable } from '../../common/disposable.js';
import type { Logger } from '../../common/logger.js';
import { NewsNotice } from '../news/newsNotice.js';
import { ShareNews } from '../news/shareNews.js';
import type { PeerSession } from '../peerSession.js';
import { FileDrops } from './fileDrops.js';
import { FilesView } from './filesView.js';
import { PeersView } from './peersView.js';
import type { FilesRow, PeerRow } from './rows.js';
import { TransferLog } from './transferLog.js';
import { TransfersView } from './transfersView.js';

const ageInterval = 30_000;

/** The three views of the side bar. The first one that is looked at makes the session attach. */
export class Views implements Disposable {
  readonly #parts = new DisposableStore();
  readonly transferLog: TransferLog;
  readonly peers: PeersView;
  readonly files: FilesView;
  readonly transfers: TransfersView;

  constructor(
    private readonly session: PeerSession,
    log: Logger,
  ) {
    this.transferLog = this.#parts.add(new TransferLog(session, log));
    this.peers = this.#parts.add(
      new PeersView(session, this.transferLog, log, new FileDrops<PeerRow>()),
    );
    const news = this.#parts.add(new ShareNews(session, log));
    this.files = this.#parts.add(
      new FilesView(session, this.transferLog, log, new FileDrops<FilesRow>(), news),
    );
    this.#parts.add(new NewsNotice(news, this.files.view));
    this.transfers = this.#parts.add(new TransfersView(this.transferLog));
    // A download that ended makes its file "proved".
    this.#parts.add(
      this.transferLog.onDidChange((one) => {
        if (one === undefined) this.files.refresh();
      }),
    );
    this.#parts.add(this.#keepAgesRight());
    for (const { view } of [this.peers, this.files, this.transfers]) {
      if (view.visible) session.wake();
      this.#parts.add(
        view.onDidChangeVisibility(({ visible }) => {
          if (visible) session.wake();
        }),
      );
    }
  }

  /** Rows tell ages, which change by themselves; only what is seen is drawn again. */
  #keepAgesRight(): Disposable {
    const timer = setInterval(() => {
      for (const one of [this.peers, this.files, this.transfers]) {
        if (one.view.visible) one.refresh();
      }
    }, ageInterval);
    return toDisposable(() => {
      clearInterval(timer);
    });
  }

  async refresh(): Promise<void> {
    await this.session.refresh();
    await this.transferLog.reload();
    this.peers.refresh();
    this.files.refresh();
    this.transfers.refresh();
  }

  dispose(): void {
    this.#parts.dispose();
  }
}
