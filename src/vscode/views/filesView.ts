import * as vscode from 'vscode';
import type { ShareInfo } from '../../control/contract.js';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import type { Logger } from '../../common/logger.js';
import { setContext } from '../contextKeys.js';
import type { Group } from '../groups/group.js';
import type { Groups } from '../groups/groups.js';
import { commandIds, rowKinds, section, viewIds } from '../ids.js';
import { fileGrouping } from '../settings.js';
import { visibleText } from '../visibleText.js';
import { childrenOf } from './childrenOf.js';
import { fileItem, fileTooltip, runItem, type FileKnowledge } from './fileItem.js';
import { sectionId, sectionItem, sectionsOf } from './fileSections.js';
import { GroupTree } from './groupTree.js';
import {
  rowId,
  type FileRow,
  type FilesRow,
  type GroupRow,
  type MoreRow,
  type RunRow,
  type SectionRow,
} from './rows.js';

const pageSize = 200;
/** Of a folder with more entries the commit is read when its row is looked at, and not for the grouping. */
const mostEntries = 1_000;

type Row = FilesRow | GroupRow;
/** What stands on the first level of a group. */
type LevelRow = FileRow | SectionRow | MoreRow;

/** What is shown of a group's files. */
interface Shown {
  pages: number;
  /** Whether it was read, and the filter left nothing. */
  isEmpty: boolean;
}

/** The files of each group, newest first, and below each the runs of chunks that its holders keep. */
export class FilesView implements vscode.TreeDataProvider<Row>, Disposable {
  readonly #parts = new DisposableStore();
  readonly #tree: GroupTree<LevelRow>;
  readonly onDidChangeTreeData: vscode.Event<Row[] | undefined>;
  readonly view: vscode.TreeView<Row>;
  /** Ids of the files that the user opened: a view that was hidden meanwhile would forget them. */
  readonly #expanded = new Set<string>();
  /** Sections that the user closed, by the id of the row. */
  readonly #closed = new Set<string>();
  #shown = new WeakMap<Group, Shown>();
  #filter = '';

  constructor(
    private readonly groups: Groups,
    private readonly log: Logger,
    drops: vscode.TreeDragAndDropController<Row>,
  ) {
    this.#tree = this.#parts.add(
      new GroupTree<LevelRow>(groups, {
        load: (group) => this.#load(group),
        key: keyOf,
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
    this.#tree.remember(this.view);
    this.#parts.add(
      this.view.onDidExpandElement(({ element }) => {
        if (element.type === 'file') this.#expanded.add(element.share.shareId);
        if (element.type === 'section') this.#closed.delete(sectionId(element));
      }),
    );
    this.#parts.add(
      this.view.onDidCollapseElement(({ element }) => {
        if (element.type === 'file') this.#expanded.delete(element.share.shareId);
        if (element.type === 'section') this.#closed.add(sectionId(element));
      }),
    );
    this.#parts.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${section}.groupFilesBy`)) this.refresh();
      }),
    );
    this.#parts.add(groups.each((group) => this.#follow(group)));
  }

  /** Text that the names of the files shown have in them; empty for all. */
  get filter(): string {
    return this.#filter;
  }

  /** Shows only files whose name has this text, in all groups; all when it is empty. */
  setFilter(text: string): void {
    this.#filter = text;
    this.#shown = new WeakMap();
    this.view.description = text === '' ? '' : `“${visibleText(text)}”`;
    setContext('chunkPartitioner.filesFiltered', text !== '');
    this.refresh();
  }

  refresh(): void {
    this.#tree.request();
  }

  loadMore(group: Group): void {
    this.#shownOf(group).pages += 1;
    this.#tree.request(group);
  }

  getTreeItem(row: Row): vscode.TreeItem {
    switch (row.type) {
      case 'group':
        return this.#tree.item(row);
      case 'file': {
        const item = fileItem(row.share, this.#knowledge(row));
        item.id = rowId(row.group, row.share.shareId);
        return item;
      }
      case 'section':
        return sectionItem(row, !this.#closed.has(sectionId(row)));
      case 'run':
        return runItem(row.run, row.chunks);
      case 'more': {
        const title = vscode.l10n.t('Show more files…');
        const item = new vscode.TreeItem(title);
        item.contextValue = rowKinds.more;
        item.command = { command: commandIds.loadMoreFiles, title, arguments: [row] };
        return item;
      }
    }
  }

  /** The tooltip of a file: asked for when its row is looked at. */
  async resolveTreeItem(item: vscode.TreeItem, row: Row): Promise<vscode.TreeItem> {
    if (row.type !== 'file') return item;
    const { git } = row.group;
    const { shareId } = row.share;
    const wasKnown = git.of(shareId) !== undefined;
    const found = await git.read(shareId);
    item.tooltip = fileTooltip(row.share, this.#knowledge(row));
    if (found !== undefined && !wasKnown) this.#tree.request(row.group);
    return item;
  }

  getChildren(parent?: Row): Promise<Row[]> {
    this.groups.wake();
    if (parent === undefined || parent.type === 'group') return this.#tree.rows(parent);
    if (parent.type === 'section') return Promise.resolve([...parent.files]);
    return childrenOf(this.log, async () => (parent.type === 'file' ? this.#runs(parent) : []));
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #follow(group: Group): Disposable {
    const refresh = (): void => {
      this.#tree.request(group);
    };
    const { news, session, transfers } = group;
    return vscode.Disposable.from(
      news.onDidChange(refresh),
      session.onDidChangeState(refresh),
      session.onDidChange(({ topics }) => {
        // Holders come and go with peers, and so does what a file survives.
        if (topics.some((topic) => topic !== 'status')) refresh();
      }),
      transfers.onDidChange((one) => {
        // A download that ended makes its file "proved".
        if (one === undefined) refresh();
      }),
    );
  }

  #knowledge({ group, share: { shareId } }: FileRow): FileKnowledge {
    return {
      provedAt: group.transfers.provedAt(shareId),
      now: Date.now(),
      expanded: this.#expanded.has(shareId),
      isNew: group.news.isNew(shareId),
      git: group.git.of(shareId),
    };
  }

  /** Who holds a file, and who of them is there, is seen in its tooltip and below it. */
  #look(row: LevelRow): string {
    if (row.type === 'section')
      return JSON.stringify([row.title, row.files.map((file) => this.#look(file))]);
    const { label, description, contextValue } = this.getTreeItem(row);
    const holders = row.type === 'file' ? row.share.holders : [];
    return JSON.stringify([label, description, contextValue, holders]);
  }

  #shownOf(group: Group): Shown {
    const known = this.#shown.get(group);
    if (known !== undefined) return known;
    const shown = { pages: 1, isEmpty: false };
    this.#shown.set(group, shown);
    return shown;
  }

  async #load(group: Group): Promise<LevelRow[]> {
    const { attached: client, status } = group.session;
    if (client === undefined || status?.self == null) return [];
    const filter = this.#filter;
    const shown = this.#shownOf(group);
    const shares: ShareInfo[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < shown.pages; page += 1) {
      const answer: { shares: readonly ShareInfo[]; cursor: string | null } = await client.request(
        'shares',
        { cursor, limit: pageSize, ...(filter !== '' && { name: filter }) },
        AbortSignal.timeout(10_000),
      );
      shares.push(...answer.shares);
      cursor = answer.cursor;
      if (cursor === null) break;
    }
    shown.isEmpty = shares.length === 0;
    this.#tellEmpty();
    const files = shares.map((share): FileRow => ({ type: 'file', group, share }));
    const rows = this.#grouped(group, files);
    return cursor === null ? rows : [...rows, { type: 'more', group }];
  }

  #grouped(group: Group, files: readonly FileRow[]): (FileRow | SectionRow)[] {
    const by = fileGrouping();
    const byGit = by === 'commit' || by === 'folder';
    // Of a large folder the list of all that is in it would be fetched for it.
    const small = byGit ? files.filter(({ share }) => share.entries <= mostEntries) : [];
    const ids = small.map(({ share }) => share.shareId);
    group.git.readSoon(ids, () => {
      this.#tree.request(group);
    });
    return by === 'nothing' ? [...files] : sectionsOf(group, files, by);
  }

  /** Says so where a filter leaves nothing in any group whose peer answers. */
  #tellEmpty(): void {
    const filter = this.#filter;
    const answering = this.groups.all.filter(({ session }) => session.attached !== undefined);
    const isEmpty = filter !== '' && answering.every((group) => this.#shownOf(group).isEmpty);
    this.view.message = isEmpty
      ? vscode.l10n.t('No file has “{0}” in its name.', visibleText(filter))
      : '';
  }

  async #runs({ group, share }: FileRow): Promise<RunRow[]> {
    const client = await group.session.client();
    const map = await client.request('map', { share: share.shareId }, AbortSignal.timeout(10_000));
    return map.runs.map((run) => ({ type: 'run', group, share, run, chunks: map.chunks }));
  }
}

function keyOf(row: LevelRow): string {
  switch (row.type) {
    case 'file':
      return row.share.shareId;
    case 'section':
      return `section ${row.key}`;
    case 'more':
      return row.type;
  }
}
