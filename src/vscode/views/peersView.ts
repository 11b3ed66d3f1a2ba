import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import { hasFewPeers } from '../contextKeys.js';
import type { Group } from '../groups/group.js';
import type { Groups } from '../groups/groups.js';
import { viewIds } from '../ids.js';
import { Throttle } from '../throttle.js';
import { visibleText } from '../visibleText.js';
import { GroupTree } from './groupTree.js';
import { machineWords } from './machine.js';
import { peerItem, peerKey, type PeerFacts } from './peerItem.js';
import { filesInTooltip, peerTooltip } from './peerTooltip.js';
import { rowId, type GroupRow, type PeerRow } from './rows.js';

const order = ['self', 'online', 'connecting', 'blocked', 'offline', 'unknown', 'removed'] as const;

/** While something moves, how often speeds are read again, milliseconds. */
const speedInterval = 1_000;

type Row = PeerRow | GroupRow;

/** Who is in the group, or in each of several; who of them is there, and what hangs on whom. */
export class PeersView implements vscode.TreeDataProvider<Row>, Disposable {
  readonly #parts = new DisposableStore();
  readonly #tree: GroupTree<PeerRow>;
  readonly onDidChangeTreeData: vscode.Event<Row[] | undefined>;
  readonly view: vscode.TreeView<Row>;

  constructor(
    private readonly groups: Groups,
    private readonly log: Logger,
    drops: vscode.TreeDragAndDropController<Row>,
  ) {
    this.#tree = this.#parts.add(
      new GroupTree<PeerRow>(groups, {
        load: (group) => this.#load(group),
        key: ({ peer }) => peerKey(peer),
        look: (row) => this.#look(row),
        isVisible: () => this.view.visible,
        log,
      }),
    );
    this.onDidChangeTreeData = this.#tree.event;
    this.view = this.#parts.add(
      vscode.window.createTreeView(viewIds.peers, {
        treeDataProvider: this,
        canSelectMany: true,
        dragAndDropController: drops,
      }),
    );
    this.#tree.remember(this.view);
    this.#tell();
    this.#parts.add(groups.each((group) => this.#follow(group)));
    this.#parts.add(
      groups.onDidChange(() => {
        this.#tell();
      }),
    );
  }

  refresh(): void {
    this.#tell();
    this.#tree.request();
  }

  getTreeItem(row: Row): vscode.TreeItem {
    if (row.type === 'group') return this.#tree.item(row);
    const item = peerItem(facts(row));
    item.id = rowId(row.group, peerKey(row.peer));
    return item;
  }

  /** The tooltip: asked for when a row is looked at. */
  async resolveTreeItem(item: vscode.TreeItem, row: Row): Promise<vscode.TreeItem> {
    if (row.type === 'group') return item;
    const { nodeId } = row.peer;
    try {
      const outlook = await row.group.session.attached?.request(
        'outlook',
        { nodeId, limit: filesInTooltip },
        AbortSignal.timeout(5_000),
      );
      item.tooltip = peerTooltip(facts(row), outlook);
    } catch (error) {
      // No member, or no peer process: what is known of it is shown all the same.
      this.log.debug(`No outlook: ${PeerError.from(error).message}`);
      item.tooltip = peerTooltip(facts(row), undefined);
    }
    return item;
  }

  getChildren(parent?: Row): Promise<Row[]> {
    this.groups.wake();
    return parent?.type === 'peer' ? Promise.resolve([]) : this.#tree.rows(parent);
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #follow(group: Group): Disposable {
    const parts = new DisposableStore();
    const speeds = parts.add(
      new Throttle(() => {
        if (this.view.visible) this.#tree.request(group);
      }, speedInterval),
    );
    // All topics count: a new share changes how many shards a peer holds, and what hangs on it.
    parts.add(
      group.onDidChange(() => {
        this.#tell();
        this.#tree.request(group);
      }),
    );
    parts.add(
      group.risks.onDidChange(() => {
        this.#tree.request(group);
      }),
    );
    parts.add(
      group.transfers.onDidChange(() => {
        speeds.request();
      }),
    );
    return parts;
  }

  /** What stands beside and above the rows of the only group; of several, each group's own row says it. */
  #tell(): void {
    const only = this.groups.only?.session;
    const name = only?.status?.self?.groupName;
    this.view.description = [name === undefined ? undefined : visibleText(name), machineWords()]
      .filter((words) => words !== undefined)
      .join(' · ');
    this.view.message =
      only !== undefined && hasFewPeers(only)
        ? vscode.l10n.t('Fewer than four peers are online: files survive fewer losses.')
        : '';
  }

  #look(row: PeerRow): string {
    const { label, description, contextValue } = peerItem(facts(row));
    return JSON.stringify([label, description, contextValue, row.peer.state]);
  }

  async #load(group: Group): Promise<PeerRow[]> {
    const { attached: client, status } = group.session;
    if (client === undefined || status?.self == null) return [];
    group.risks.look();
    const { peers } = await client.request('peers', null, AbortSignal.timeout(10_000));
    return [...peers]
      .sort(
        (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name),
      )
      .map((peer) => ({ type: 'peer', group, peer }));
  }
}

function facts({ group, peer }: PeerRow): PeerFacts {
  const risk = group.risks.of(peer.nodeId);
  return { peer, status: group.session.status, risk, now: Date.now() };
}
