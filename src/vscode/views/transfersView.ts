import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import type { Logger } from '../../common/logger.js';
import { setContext } from '../contextKeys.js';
import type { Group } from '../groups/group.js';
import type { Groups } from '../groups/groups.js';
import { viewIds } from '../ids.js';
import { Throttle } from '../throttle.js';
import { age } from './age.js';
import { GroupTree } from './groupTree.js';
import { rowId, type GroupRow, type TransferRow } from './rows.js';
import { isPausable, transferItem } from './transferItem.js';

type Row = TransferRow | GroupRow;

/** What moves, and what moved, in each group: newest first, with live figures, and a badge for all. */
export class TransfersView implements vscode.TreeDataProvider<Row>, Disposable {
  readonly #parts = new DisposableStore();
  readonly #tree: GroupTree<TransferRow>;
  readonly onDidChangeTreeData: vscode.Event<Row[] | undefined>;
  readonly #badge = this.#parts.add(
    new Throttle(() => {
      this.#tell();
    }),
  );
  readonly view: vscode.TreeView<Row>;

  constructor(
    private readonly groups: Groups,
    log: Logger,
  ) {
    this.#tree = this.#parts.add(
      new GroupTree<TransferRow>(groups, {
        load: (group) => Promise.resolve(rowsOf(group)),
        key: ({ transfer }) => transfer.transferId,
        look: ({ transfer }) => {
          const now = Date.now();
          return JSON.stringify([transfer, age(transfer.endedAt ?? now, now)]);
        },
        isVisible: () => this.view.visible,
        log,
      }),
    );
    this.onDidChangeTreeData = this.#tree.event;
    this.view = this.#parts.add(
      vscode.window.createTreeView(viewIds.transfers, {
        treeDataProvider: this,
        canSelectMany: true,
      }),
    );
    this.#tree.remember(this.view);
    this.#parts.add(
      groups.each(({ transfers }) =>
        transfers.onDidChange(() => {
          this.refresh();
        }),
      ),
    );
    this.#parts.add(
      groups.onDidChange(() => {
        this.refresh();
      }),
    );
  }

  refresh(): void {
    this.#badge.request();
    this.#tree.request();
  }

  getTreeItem(row: Row): vscode.TreeItem {
    if (row.type === 'group') return this.#tree.item(row);
    const item = transferItem(row.transfer, Date.now());
    item.id = rowId(row.group, row.transfer.transferId);
    return item;
  }

  getChildren(parent?: Row): Promise<Row[]> {
    return parent?.type === 'transfer' ? Promise.resolve([]) : this.#tree.rows(parent);
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #tell(): void {
    const all = this.groups.all.flatMap(({ transfers }) => transfers.all);
    const paused = all.some(({ state }) => state === 'paused');
    setContext('chunkPartitioner.canPause', all.some(isPausable));
    setContext('chunkPartitioner.canResume', paused);
    const running = all.filter(({ state }) => state === 'running' || state === 'waiting').length;
    const failed = all.filter(({ state }) => state === 'failed').length;
    this.view.badge =
      running + failed === 0
        ? undefined
        : {
            value: running + failed,
            tooltip: vscode.l10n.t('{0} running, {1} failed', running, failed),
          };
  }
}

function rowsOf(group: Group): TransferRow[] {
  return group.transfers.all.map((transfer) => ({ type: 'transfer', group, transfer }));
}
