import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import type { Group } from '../groups/group.js';
import type { Groups } from '../groups/groups.js';
import { Throttle } from '../throttle.js';
import { groupItem } from './groupItem.js';
import { LiveTree, type TreeSource } from './liveTree.js';
import { groupRow, type AnyRow, type GroupRow } from './rows.js';

/** Where the rows of one group come from. */
export interface GroupSource<R extends AnyRow> extends Omit<TreeSource<R>, 'load'> {
  readonly load: (group: Group) => Promise<readonly R[]>;
}

/**
 * The rows of all groups: of the only group by themselves, of several below a row for each. Each group's rows are a
 * {@link LiveTree}; all together the editor is told of changes at most four times a second.
 */
export class GroupTree<R extends AnyRow> implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = this.#parts.add(new vscode.EventEmitter<(R | GroupRow)[] | undefined>());
  readonly event = this.#changed.event;
  readonly #throttle = this.#parts.add(
    new Throttle(() => {
      this.#tell();
    }),
  );
  readonly #trees = new Map<Group, LiveTree<R>>();
  readonly #roots: LiveTree<GroupRow>;
  /** Groups whose rows the user closed: a view that was hidden meanwhile would forget them. */
  readonly #closed = new WeakSet<Group>();
  /** Rows that are to be drawn again; undefined for all. */
  #waiting: Set<R | GroupRow> | undefined = new Set();

  constructor(
    private readonly groups: Groups,
    private readonly source: GroupSource<R>,
  ) {
    this.#roots = this.#parts.add(
      new LiveTree<GroupRow>({
        load: () => Promise.resolve(groups.all.map(groupRow)),
        key: ({ group }) => group.directory,
        look: (row) => {
          const { label, description, contextValue } = this.item(row);
          return JSON.stringify([label, description, contextValue]);
        },
        ...{ isVisible: source.isVisible, log: source.log },
      }),
    );
    this.#parts.add(
      this.#roots.event((rows) => {
        this.#redraw(rows);
      }),
    );
    this.#parts.add(groups.each((group) => this.#follow(group)));
    this.#parts.add(
      groups.onDidChange(() => {
        this.#redraw(undefined);
      }),
    );
  }

  /** Something may have changed: in one group, or in all. */
  request(group?: Group): void {
    for (const [one, tree] of this.#trees) {
      if (group === undefined || group === one) tree.request();
    }
  }

  /** The first level, for the editor, or what is below the row of a group. */
  async rows(parent?: GroupRow): Promise<(R | GroupRow)[]> {
    const group = parent === undefined ? this.groups.only : parent.group;
    if (group === undefined) return this.#roots.rows();
    return (await this.#trees.get(group)?.rows()) ?? [];
  }

  item({ group }: GroupRow): vscode.TreeItem {
    return groupItem(group, !this.#closed.has(group));
  }

  /** Remembers which groups the user closes and opens in a view. */
  remember(
    view: Pick<vscode.TreeView<AnyRow>, 'onDidCollapseElement' | 'onDidExpandElement'>,
  ): void {
    this.#parts.add(
      view.onDidCollapseElement(({ element }) => {
        if (element.type === 'group') this.#closed.add(element.group);
      }),
    );
    this.#parts.add(
      view.onDidExpandElement(({ element }) => {
        if (element.type === 'group') this.#closed.delete(element.group);
      }),
    );
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #follow(group: Group): Disposable {
    const parts = new DisposableStore();
    const tree = parts.add(
      new LiveTree<R>({ ...this.source, load: () => this.source.load(group) }),
    );
    this.#trees.set(group, tree);
    parts.add(
      tree.event((rows) => {
        this.#redraw(rows ?? this.#rowOf(group));
      }),
    );
    parts.add(
      group.onDidChange(() => {
        if (this.groups.only === undefined) this.#roots.request();
      }),
    );
    parts.add({ dispose: () => this.#trees.delete(group) });
    return parts;
  }

  /** What is drawn again where a group has other rows: its own row, with what is below it; undefined for the tree. */
  #rowOf(group: Group): GroupRow[] | undefined {
    if (this.groups.only !== undefined) return undefined;
    return this.#roots.all.filter((row) => row.group === group);
  }

  #redraw(rows: readonly (R | GroupRow)[] | undefined): void {
    if (rows === undefined) this.#waiting = undefined;
    else for (const row of rows) this.#waiting?.add(row);
    this.#throttle.request();
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    if (waiting === undefined) this.#changed.fire(undefined);
    else if (waiting.size > 0) this.#changed.fire([...waiting]);
  }
}
