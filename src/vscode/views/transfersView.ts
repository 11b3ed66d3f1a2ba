import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import { setContext } from '../contextKeys.js';
import { viewIds } from '../ids.js';
import { Throttle } from '../throttle.js';
import type { TransferRow } from './rows.js';
import { isPausable, transferItem } from './transferItem.js';
import type { TransferLog } from './transferLog.js';

/** What moves, and what moved: newest first, with live figures and a badge. */
export class TransfersView implements vscode.TreeDataProvider<TransferRow>, Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = this.#parts.add(new vscode.EventEmitter<TransferRow[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #throttle = this.#parts.add(
    new Throttle(() => {
      this.#redraw();
    }),
  );
  readonly #rows = new Map<string, TransferRow>();
  readonly #moved = new Set<string>();
  #all = true;
  readonly view: vscode.TreeView<TransferRow>;

  constructor(private readonly log: TransferLog) {
    this.view = this.#parts.add(
      vscode.window.createTreeView(viewIds.transfers, {
        treeDataProvider: this,
        canSelectMany: true,
      }),
    );
    this.#parts.add(
      log.onDidChange((transfer) => {
        if (transfer === undefined) this.#all = true;
        else this.#moved.add(transfer.transferId);
        this.#throttle.request();
      }),
    );
  }

  refresh(): void {
    this.#all = true;
    this.#throttle.request();
  }

  getTreeItem(row: TransferRow): vscode.TreeItem {
    const { transferId } = row.transfer;
    return transferItem(this.log.get(transferId) ?? row.transfer, Date.now());
  }

  getChildren(parent?: TransferRow): TransferRow[] {
    if (parent !== undefined) return [];
    this.#rows.clear();
    const rows = this.log.all.map((transfer): TransferRow => ({ type: 'transfer', transfer }));
    for (const row of rows) this.#rows.set(row.transfer.transferId, row);
    return rows;
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #redraw(): void {
    const rows = [...this.#moved]
      .map((id) => this.#rows.get(id))
      .filter((row) => row !== undefined);
    this.#moved.clear();
    if (this.#all) this.#changed.fire(undefined);
    else if (rows.length > 0) this.#changed.fire(rows);
    this.#all = false;
    this.#showBadge();
  }

  #showBadge(): void {
    setContext('chunkPartitioner.canPause', this.log.all.some(isPausable));
    setContext(
      'chunkPartitioner.canResume',
      this.log.all.some(({ state }) => state === 'paused'),
    );
    const running = this.log.all.filter(
      ({ state }) => state === 'running' || state === 'waiting',
    ).length;
    const failed = this.log.all.filter((transfer) => transfer.state === 'failed').length;
    this.view.badge =
      running + failed === 0
        ? undefined
        : {
            value: running + failed,
            tooltip: vscode.l10n.t('{0} running, {1} failed', running, failed),
          };
  }
}
