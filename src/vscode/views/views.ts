import { DisposableStore, toDisposable, type Disposable } from '../../common/disposable.js';
import type { Logger } from '../../common/logger.js';
import type { Groups } from '../groups/groups.js';
import { NewsNotice } from '../news/newsNotice.js';
import { FileDrops } from './fileDrops.js';
import { FilesView } from './filesView.js';
import { PeersView } from './peersView.js';
import { TransfersView } from './transfersView.js';

const ageInterval = 30_000;

/** The three views of the side bar. The first one that is looked at makes the sessions attach. */
export class Views implements Disposable {
  readonly #parts = new DisposableStore();
  readonly peers: PeersView;
  readonly files: FilesView;
  readonly transfers: TransfersView;

  constructor(
    private readonly groups: Groups,
    log: Logger,
  ) {
    this.peers = this.#parts.add(new PeersView(groups, log, new FileDrops()));
    this.files = this.#parts.add(new FilesView(groups, log, new FileDrops()));
    this.#parts.add(new NewsNotice(groups, this.files.view));
    this.transfers = this.#parts.add(new TransfersView(groups, log));
    this.#parts.add(this.#keepAgesRight());
    for (const { view } of [this.peers, this.files, this.transfers]) {
      if (view.visible) groups.wake();
      this.#parts.add(
        view.onDidChangeVisibility(({ visible }) => {
          if (visible) groups.wake();
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
    await Promise.all(
      this.groups.all.map(async ({ session, transfers }) => {
        await session.refresh();
        await transfers.reload();
      }),
    );
    this.peers.refresh();
    this.files.refresh();
    this.transfers.refresh();
  }

  dispose(): void {
    this.#parts.dispose();
  }
}
