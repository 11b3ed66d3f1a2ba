import * as vscode from 'vscode';
import type { ShareInfo } from '../../control/contract.js';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import type { Logger } from '../../common/logger.js';
import { commandIds, rowKinds, viewIds } from '../ids.js';
import type { PeerSession } from '../peerSession.js';
import { childrenOf } from './childrenOf.js';
import { fileItem, runItem } from './fileItem.js';
import { Redraw } from './redraw.js';
import type { FileRow, FilesRow, RunRow } from './rows.js';
import type { TransferLog } from './transferLog.js';

const pageSize = 200;

/** The group's files, newest first, and below each the runs of chunks that its holders keep. */
export class FilesView implements vscode.TreeDataProvider<FilesRow>, Disposable {
  readonly #parts = new DisposableStore();
  readonly #redraw = this.#parts.add(new Redraw());
  readonly onDidChangeTreeData = this.#redraw.event;
  readonly view: vscode.TreeView<FilesRow>;
  /** Ids of the files that the user opened: a view that was hidden meanwhile would forget them. */
  readonly #expanded = new Set<string>();
  #pages = 1;

  constructor(
    private readonly session: PeerSession,
    private readonly transfers: TransferLog,
    private readonly log: Logger,
    drops: vscode.TreeDragAndDropController<FilesRow>,
  ) {
    this.view = this.#parts.add(
      vscode.window.createTreeView(viewIds.files, {
        treeDataProvider: this,
        showCollapseAll: true,
        dragAndDropController: drops,
      }),
    );
    this.#parts.add(
      this.view.onDidExpandElement(({ element }) => {
        if (element.type === 'file') this.#expanded.add(element.share.shareId);
      }),
    );
    this.#parts.add(
      this.view.onDidCollapseElement(({ element }) => {
        if (element.type === 'file') this.#expanded.delete(element.share.shareId);
      }),
    );
    this.#redraw.follow(
      session,
      () => {
        this.refresh();
      },
      // Holders come and go with peers, and so does what a file survives.
      ({ topics }) => topics.some((topic) => topic !== 'status'),
    );
  }

  refresh(): void {
    this.#redraw.request();
  }

  loadMore(): void {
    this.#pages += 1;
    this.refresh();
  }

  getTreeItem(row: FilesRow): vscode.TreeItem {
    switch (row.type) {
      case 'file':
        return fileItem(row.share, {
          provedAt: this.transfers.provedAt(row.share.shareId),
          now: Date.now(),
          expanded: this.#expanded.has(row.share.shareId),
        });
      case 'run':
        return runItem(row.run, row.chunks);
      case 'more': {
        const item = new vscode.TreeItem(vscode.l10n.t('Show more files…'));
        item.contextValue = rowKinds.more;
        item.command = { command: commandIds.loadMoreFiles, title: item.label as string };
        return item;
      }
    }
  }

  getChildren(parent?: FilesRow): Promise<FilesRow[]> {
    this.session.wake();
    if (this.session.attached === undefined || this.session.status?.self == null) {
      return Promise.resolve([]);
    }
    return childrenOf(this.log, async () => {
      if (parent === undefined) return this.#files();
      return parent.type === 'file' ? this.#runs(parent) : [];
    });
  }

  async #files(): Promise<FilesRow[]> {
    const shares: ShareInfo[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < this.#pages; page += 1) {
      const client = await this.session.client();
      const answer: { shares: readonly ShareInfo[]; cursor: string | null } = await client.request(
        'shares',
        { cursor, limit: pageSize },
        AbortSignal.timeout(10_000),
      );
      shares.push(...answer.shares);
      cursor = answer.cursor;
      if (cursor === null) break;
    }
    const rows: FilesRow[] = shares.map((share): FileRow => ({ type: 'file', share }));
    return cursor === null ? rows : [...rows, { type: 'more' }];
  }

  async #runs({ share }: FileRow): Promise<RunRow[]> {
    const client = await this.session.client();
    const map = await client.request('map', { share: share.shareId }, AbortSignal.timeout(10_000));
    return map.runs.map((run) => ({ type: 'run', share, run, chunks: map.chunks }));
  }

  dispose(): void {
    this.#parts.dispose();
  }
}
