import * as vscode from 'vscode';
import type { PeerRisk } from '../../control/contract.js';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import { hasFewPeers } from '../contextKeys.js';
import { viewIds } from '../ids.js';
import type { PeerSession } from '../peerSession.js';
import { machineWords } from './machine.js';
import { Throttle } from '../throttle.js';
import { visibleText } from '../visibleText.js';
import { LiveTree } from './liveTree.js';
import { peerItem, peerKey, type PeerFacts } from './peerItem.js';
import { filesInTooltip, peerTooltip } from './peerTooltip.js';
import { RiskWatch } from './riskWatch.js';
import type { PeerRow } from './rows.js';
import type { TransferLog } from './transferLog.js';

const order = ['self', 'online', 'connecting', 'blocked', 'offline', 'unknown', 'removed'] as const;

/** While something moves, how often speeds are read again, milliseconds. */
const speedInterval = 1_000;

/** Who is in the group, who of them is there, and what hangs on whom. */
export class PeersView implements vscode.TreeDataProvider<PeerRow>, Disposable {
  readonly #parts = new DisposableStore();
  readonly #tree: LiveTree<PeerRow>;
  readonly #risks: RiskWatch;
  readonly onDidChangeTreeData: vscode.Event<PeerRow[] | undefined>;
  readonly view: vscode.TreeView<PeerRow>;

  constructor(
    private readonly session: PeerSession,
    transfers: TransferLog,
    private readonly log: Logger,
    drops: vscode.TreeDragAndDropController<PeerRow>,
  ) {
    this.#tree = this.#parts.add(
      new LiveTree<PeerRow>({
        load: () => this.#load(),
        key: ({ peer }) => peerKey(peer),
        look: (row) => this.#look(row),
        isVisible: () => this.view.visible,
        log,
      }),
    );
    this.onDidChangeTreeData = this.#tree.event;
    this.#risks = this.#parts.add(new RiskWatch(session, log));
    this.view = this.#parts.add(
      vscode.window.createTreeView(viewIds.peers, {
        treeDataProvider: this,
        canSelectMany: true,
        dragAndDropController: drops,
      }),
    );
    const machine = machineWords();
    if (machine !== undefined) this.view.description = machine;
    const refresh = (): void => {
      this.refresh();
    };
    const speeds = this.#parts.add(
      new Throttle(() => {
        if (this.view.visible) this.#tree.request();
      }, speedInterval),
    );
    // All topics count: a new share changes how many shards a peer holds, and what hangs on it.
    this.#parts.add(session.onDidChangeState(refresh));
    this.#parts.add(session.onDidChange(refresh));
    this.#parts.add(this.#risks.onDidChange(refresh));
    this.#parts.add(
      transfers.onDidChange(() => {
        speeds.request();
      }),
    );
  }

  /** What hangs on a peer, as far as it is known here. */
  riskOf(nodeId: string): PeerRisk | undefined {
    return this.#risks.of(nodeId);
  }

  refresh(): void {
    const group = this.session.status?.self?.groupName;
    this.view.description = group === undefined ? '' : visibleText(group);
    this.view.message = hasFewPeers(this.session)
      ? vscode.l10n.t('Fewer than four peers are online: files survive fewer losses.')
      : '';
    this.#tree.request();
  }

  getTreeItem(row: PeerRow): vscode.TreeItem {
    return peerItem(this.#facts(row));
  }

  /** The tooltip: asked for when a row is looked at. */
  async resolveTreeItem(item: vscode.TreeItem, row: PeerRow): Promise<vscode.TreeItem> {
    const { nodeId } = row.peer;
    try {
      const outlook = await this.session.attached?.request(
        'outlook',
        { nodeId, limit: filesInTooltip },
        AbortSignal.timeout(5_000),
      );
      item.tooltip = peerTooltip(this.#facts(row), outlook);
    } catch (error) {
      // No member, or no peer process: what is known of it is shown all the same.
      this.log.debug(`No outlook: ${PeerError.from(error).message}`);
      item.tooltip = peerTooltip(this.#facts(row), undefined);
    }
    return item;
  }

  getChildren(parent?: PeerRow): Promise<PeerRow[]> {
    this.session.wake();
    return parent === undefined ? this.#tree.rows() : Promise.resolve([]);
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #facts({ peer }: PeerRow): PeerFacts {
    const risk = this.#risks.of(peer.nodeId);
    return { peer, status: this.session.status, risk, now: Date.now() };
  }

  #look(row: PeerRow): string {
    const { label, description, contextValue } = peerItem(this.#facts(row));
    return JSON.stringify([label, description, contextValue, row.peer.state]);
  }

  async #load(): Promise<PeerRow[]> {
    const client = this.session.attached;
    if (client === undefined || this.session.status?.self == null) return [];
    this.#risks.look();
    const { peers } = await client.request('peers', null, AbortSignal.timeout(10_000));
    return [...peers]
      .sort(
        (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name),
      )
      .map((peer) => ({ type: 'peer', peer }));
  }
}
