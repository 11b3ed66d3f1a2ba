import * as vscode from 'vscode';
import type { ShareInfo } from '../../control/contract.js';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import type { Logger } from '../../common/logger.js';
import { setContext } from '../contextKeys.js';
import { commandIds, rowKinds, viewIds } from '../ids.js';
import type { ShareNews } from '../news/shareNews.js';
import type { PeerSession } from '../peerSession.js';
import { visibleText } from '../visibleText.js';
import { childrenOf } from './childrenOf.js';
import { fileItem, fileTooltip, runItem, type FileKnowledge } from './fileItem.js';
import { GitNotes } from './gitNotes.js';
import { LiveTree } from './liveTree.js';
import type { FileRow, FilesRow, MoreRow, RunRow } from './rows.js';
import type { TransferLog } from './transferLog.js';

const pageSize = 200;

/** The group's files, newest first, and below each the runs of chunks that its holders keep. */
export class FilesView implements vscode.TreeDataProvider<FilesRow>, Disposable {
  readonly #parts = new DisposableStore();
  readonly #tree: LiveTree<FileRow | MoreRow>;
  readonly onDidChangeTreeData: vscode.Event<FilesRow[] | undefined>;
  readonly view: vscode.TreeView<FilesRow>;
  /** Ids of the files that the user opened: a view that was hidden meanwhile would forget them. */
  readonly #expanded = new Set<string>();
  readonly #git: GitNotes;
  #pages = 1;
  #filter = '';

  constructor(
    private readonly session: PeerSession,
    private readonly transfers: TransferLog,
    private readonly log: Logger,
    drops: vscode.TreeDragAndDropController<FilesRow>,
    private readonly news: ShareNews,
  ) {
    this.#git = new GitNotes(session, log);
    this.#tree = this.#parts.add(
      new LiveTree<FileRow | MoreRow>({
        load: () => this.#load(),
        key: (row) => (row.type === 'file' ? row.share.shareId : row.type),
        look: (row) => this.#look(row),
        isVisible: () => this.view.visible,
        log,
      }),
    );
    this.onDidChangeTreeData = this.#tree.event;
    this.view = this.#parts.add(
      vscode.window.createTreeView(viewIds.files, {
        treeDataProvider: this,
        showCollapseAll: true,
        canSelectMany: true,
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
    this.#parts.add(
      news.onDidChange(() => {
        this.refresh();
      }),
    );
    this.#parts.add(
      session.onDidChangeState(() => {
        this.refresh();
      }),
    );
    this.#parts.add(
      session.onDidChange(({ topics }) => {
        // Holders come and go with peers, and so does what a file survives.
        if (topics.some((topic) => topic !== 'status')) this.refresh();
      }),
    );
  }

  /** Text that the names of the files shown have in them; empty for all. */
  get filter(): string {
    return this.#filter;
  }

  /** Shows only files whose name has this text; all when it is empty. */
  setFilter(text: string): void {
    this.#filter = text;
    this.#pages = 1;
    this.view.description = text === '' ? '' : `“${visibleText(text)}”`;
    setContext('chunkPartitioner.filesFiltered', text !== '');
    this.refresh();
  }

  refresh(): void {
    this.#tree.request();
  }

  loadMore(): void {
    this.#pages += 1;
    this.refresh();
  }

  getTreeItem(row: FilesRow): vscode.TreeItem {
    switch (row.type) {
      case 'file':
        return fileItem(row.share, this.#knowledge(row));
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

  /** The tooltip of a file: asked for when its row is looked at. */
  async resolveTreeItem(item: vscode.TreeItem, row: FilesRow): Promise<vscode.TreeItem> {
    if (row.type !== 'file') return item;
    const { shareId } = row.share;
    const wasKnown = this.#git.of(shareId) !== undefined;
    const git = await this.#git.read(shareId);
    item.tooltip = fileTooltip(row.share, this.#knowledge(row));
    if (git && !wasKnown) this.refresh();
    return item;
  }

  getChildren(parent?: FilesRow): Promise<FilesRow[]> {
    this.session.wake();
    if (parent === undefined) return this.#tree.rows();
    return childrenOf(this.log, async () => (parent.type === 'file' ? this.#runs(parent) : []));
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #knowledge({ share: { shareId } }: FileRow): FileKnowledge {
    return {
      provedAt: this.transfers.provedAt(shareId),
      now: Date.now(),
      expanded: this.#expanded.has(shareId),
      isNew: this.news.isNew(shareId),
      git: this.#git.of(shareId),
    };
  }

  /** Who holds a file, and who of them is there, is seen in its tooltip and below it. */
  #look(row: FileRow | MoreRow): string {
    const { label, description, contextValue } = this.getTreeItem(row);
    const holders = row.type === 'file' ? row.share.holders : [];
    return JSON.stringify([label, description, contextValue, holders]);
  }

  async #load(): Promise<(FileRow | MoreRow)[]> {
    if (this.session.attached === undefined || this.session.status?.self == null) return [];
    const filter = this.#filter;
    const shares: ShareInfo[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < this.#pages; page += 1) {
      const client = await this.session.client();
      const answer: { shares: readonly ShareInfo[]; cursor: string | null } = await client.request(
        'shares',
        { cursor, limit: pageSize, ...(filter !== '' && { name: filter }) },
        AbortSignal.timeout(10_000),
      );
      shares.push(...answer.shares);
      cursor = answer.cursor;
      if (cursor === null) break;
    }
    this.view.message =
      filter !== '' && shares.length === 0
        ? vscode.l10n.t('No file has “{0}” in its name.', visibleText(filter))
        : '';
    const rows = shares.map((share): FileRow => ({ type: 'file', share }));
    return cursor === null ? rows : [...rows, { type: 'more' }];
  }

  async #runs({ share }: FileRow): Promise<RunRow[]> {
    const client = await this.session.client();
    const map = await client.request('map', { share: share.shareId }, AbortSignal.timeout(10_000));
    return map.runs.map((run) => ({ type: 'run', share, run, chunks: map.chunks }));
  }
}
