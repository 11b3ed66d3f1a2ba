import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import type { Logger } from '../../common/logger.js';
import { hasFewPeers } from '../contextKeys.js';
import { viewIds } from '../ids.js';
import type { PeerSession } from '../peerSession.js';
import { visibleText } from '../visibleText.js';
import { childrenOf } from './childrenOf.js';
import { peerItem } from './peerItem.js';
import { Redraw } from './redraw.js';
import type { PeerRow } from './rows.js';

const order = ['self', 'online', 'connecting', 'blocked', 'offline', 'unknown', 'removed'] as const;

/** Who is in the group, and who of them is there. */
export class PeersView implements vscode.TreeDataProvider<PeerRow>, Disposable {
  readonly #parts = new DisposableStore();
  readonly #redraw = this.#parts.add(new Redraw());
  readonly onDidChangeTreeData = this.#redraw.event;
  readonly view: vscode.TreeView<PeerRow>;

  constructor(
    private readonly session: PeerSession,
    private readonly log: Logger,
  ) {
    this.view = this.#parts.add(
      vscode.window.createTreeView(viewIds.peers, { treeDataProvider: this }),
    );
    // All topics count: a new share changes how many shards a peer holds.
    this.#redraw.follow(session, () => {
      this.refresh();
    });
  }

  refresh(): void {
    const group = this.session.status?.self?.groupName;
    this.view.description = group === undefined ? '' : visibleText(group);
    this.view.message = hasFewPeers(this.session)
      ? vscode.l10n.t('Fewer than four peers are online: files survive fewer losses.')
      : '';
    this.#redraw.request();
  }

  getTreeItem(row: PeerRow): vscode.TreeItem {
    return peerItem(row.peer, this.session.status, Date.now());
  }

  getChildren(parent?: PeerRow): Promise<PeerRow[]> {
    this.session.wake();
    if (parent !== undefined) return Promise.resolve([]);
    return childrenOf(this.log, () => this.#rows());
  }

  dispose(): void {
    this.#parts.dispose();
  }

  async #rows(): Promise<PeerRow[]> {
    const client = this.session.attached;
    if (client === undefined || this.session.status?.self == null) return [];
    const { peers } = await client.request('peers', null, AbortSignal.timeout(10_000));
    return [...peers]
      .sort(
        (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name),
      )
      .map((peer) => ({ type: 'peer', peer }));
  }
}
