import * as vscode from 'vscode';
import type { ControlClient, ShareGrid, TransferInfo } from '../../control/contract.js';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import { pageHtml, pageOptions } from '../pageHtml.js';
import type { Group } from '../groups/group.js';
import type { SessionState } from '../peerSession.js';
import { Throttle } from '../throttle.js';
import { errorWords } from '../errorWords.js';
import { visibleText } from '../visibleText.js';
import { mapMessage } from './mapMessage.js';
import { sameTarget, type MapTarget } from './mapTarget.js';
import { readPageMessage, type HostMessage, type MapAction } from './messages.js';
import { mapWords } from './words.js';

export interface MapDependencies {
  readonly log: Logger;
  /** `dist/` of this extension. */
  readonly folder: vscode.Uri;
  readonly act: (action: MapAction, share: string) => void;
}

const deadline = 10_000;

/** One chunk map in an editor tab. While it is hidden it asks for nothing and is told nothing. */
export class MapPanel implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #told = this.#parts.add(new vscode.EventEmitter<HostMessage>());
  /** What the page was told. */
  readonly onDidTell = this.#told.event;
  readonly onDidDispose: vscode.Event<void>;
  /** At most four times a second. */
  readonly #throttle = this.#parts.add(
    new Throttle(() => {
      void this.#refresh();
    }),
  );
  /** As the page has room for; undefined before it has said so, and while nobody sees it. */
  #columns: number | undefined;
  #isAsking = false;
  /** Whether the page has its words, and something to draw into. */
  #hasBegun = false;
  #target: MapTarget;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    readonly group: Group,
    target: MapTarget,
    private readonly deps: MapDependencies,
  ) {
    this.#target = target;
    this.onDidDispose = panel.onDidDispose;
    const { session } = group;
    const { folder } = deps;
    const { webview } = panel;
    webview.options = pageOptions({ folder });
    const parts: readonly Disposable[] = [
      webview.onDidReceiveMessage((message: unknown) => {
        this.#hear(message);
      }),
      panel.onDidChangeViewState(() => {
        // A page that is hidden is dropped, and says anew that it is ready.
        if (!panel.visible) this.#columns = undefined;
      }),
      session.onDidChange(({ topics }) => {
        if (topics.some((topic) => topic !== 'status')) this.#throttle.request();
      }),
      session.onDidTransfer((transfer) => {
        if (this.#concerns(transfer)) this.#throttle.request();
      }),
      session.onDidChangeState(() => {
        this.#throttle.request();
      }),
    ];
    for (const part of parts) this.#parts.add(part);
    panel.onDidDispose(() => {
      this.dispose();
    });
    const title = vscode.l10n.t('Chunk Map');
    webview.html = pageHtml(webview, { name: 'map', title, folder });
  }

  get target(): MapTarget {
    return this.#target;
  }

  /** Closes its tab. */
  close(): void {
    this.panel.dispose();
  }

  reveal(): void {
    this.panel.reveal();
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #hear(message: unknown): void {
    const said = readPageMessage(message);
    if (said === undefined) return;
    if (said.type === 'act') {
      if ('share' in this.#target) this.deps.act(said.action, this.#target.share);
      return;
    }
    this.#columns = said.columns;
    if (said.type === 'ready') this.#hasBegun = false;
    this.#throttle.request();
  }

  async #refresh(): Promise<void> {
    const columns = this.#columns;
    if (columns === undefined || !this.panel.visible) return;
    if (this.#isAsking) {
      this.#throttle.request();
      return;
    }
    this.#isAsking = true;
    try {
      const { session } = this.group;
      session.wake();
      const client = session.attached;
      if (client === undefined) this.#notice(stateWords(session.state));
      else this.#show(await this.#ask(client, columns));
    } catch (error) {
      this.#notice(errorWords(PeerError.from(error)).join(' '));
    } finally {
      this.#isAsking = false;
    }
  }

  #ask(client: ControlClient, columns: number): Promise<ShareGrid> {
    return client.request('grid', { ...this.#target, columns }, AbortSignal.timeout(deadline));
  }

  #show(grid: ShareGrid): void {
    // What was sent is listed from now on, and is kept as that.
    if (grid.share !== null) this.#target = { share: grid.share.shareId };
    const running = this.group.transfers.all.filter((one) => this.#concerns(one) && isActive(one));
    const place = { group: this.group.directory, ...this.#target };
    const message = mapMessage(place, grid, running, Date.now());
    this.panel.title = vscode.l10n.t('Map: {0}', message.title);
    if (!this.#hasBegun) {
      this.#tell({ type: 'begin', language: vscode.env.language, words: mapWords() });
    }
    this.#hasBegun = true;
    this.#tell(message);
  }

  #notice(text: string): void {
    this.deps.log.debug(`A chunk map shows nothing: ${text}`);
    this.#hasBegun = false;
    this.#tell({ type: 'notice', text: visibleText(text) });
  }

  #concerns({ transferId, shareId }: TransferInfo): boolean {
    if ('transferId' in this.#target) return this.#target.transferId === transferId;
    return shareId !== null && sameTarget(this.#target, { share: shareId });
  }

  #tell(message: HostMessage): void {
    void this.panel.webview.postMessage(message);
    this.#told.fire(message);
  }
}

function isActive({ endedAt, state }: TransferInfo): boolean {
  return endedAt === null && state !== 'paused';
}

function stateWords(state: SessionState): string {
  return state === 'starting'
    ? vscode.l10n.t('The peer is starting…')
    : vscode.l10n.t('The peer of this machine is not running.');
}
