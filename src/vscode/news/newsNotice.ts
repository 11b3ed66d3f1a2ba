import * as vscode from 'vscode';
import type { ListedShare } from '../../control/contract.js';
import { DisposableStore, toDisposable, type Disposable } from '../../common/disposable.js';
import { formatBytes, formatCount } from '../format.js';
import type { Groups } from '../groups/groups.js';
import { section, viewIds } from '../ids.js';
import { readSetting } from '../settings.js';
import { noticeText } from '../visibleText.js';

/** What comes within this time is told together, milliseconds. */
const gatherMs = 3_000;
/** Between two notices, milliseconds. */
const quietMs = 60_000;

/**
 * Tells quietly what others have shared: a badge on the Files view until it is looked at, and one notice for many, in the
 * window that has the focus, unless the view is on screen or the user has switched it off. All groups count together.
 */
export class NewsNotice implements Disposable {
  readonly #parts = new DisposableStore();
  #waiting: ListedShare[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastTold = 0;

  constructor(
    private readonly groups: Groups,
    private readonly view: Pick<
      vscode.TreeView<unknown>,
      'visible' | 'badge' | 'onDidChangeVisibility'
    >,
  ) {
    this.#parts.add(
      groups.each(({ news }) =>
        vscode.Disposable.from(
          news.onDidChange(() => {
            this.#showBadge();
          }),
          news.onDidArrive((shares) => {
            this.#gather(shares);
          }),
        ),
      ),
    );
    this.#parts.add(
      groups.onDidChange(() => {
        this.#showBadge();
      }),
    );
    this.#parts.add(
      view.onDidChangeVisibility(({ visible }) => {
        // Marked as long as they are looked at, and no longer.
        if (visible) this.#showBadge();
        else for (const { news } of groups.all) news.forget();
      }),
    );
    this.#parts.add(
      toDisposable(() => {
        clearTimeout(this.#timer);
      }),
    );
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #showBadge(): void {
    const count = this.groups.all.reduce((sum, { news }) => sum + news.count, 0);
    this.view.badge =
      count === 0 || this.view.visible
        ? undefined
        : { value: count, tooltip: vscode.l10n.t('{0} new, shared by others', count) };
  }

  #gather(shares: readonly ListedShare[]): void {
    this.#waiting.push(...shares);
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        const waiting = this.#waiting;
        this.#waiting = [];
        // Elsewhere, the badge and the rows tell.
        if (this.view.visible || !vscode.window.state.focused) return;
        if (readSetting<boolean>('notifyAboutShares', true)) void this.#tell(waiting);
      },
      Math.max(gatherMs, this.#lastTold + quietMs - Date.now()),
    );
  }

  async #tell(shares: readonly ListedShare[]): Promise<void> {
    this.#lastTold = Date.now();
    const show = vscode.l10n.t('Show Files');
    const off = vscode.l10n.t('Do Not Tell');
    const answer = await vscode.window.showInformationMessage(newsText(shares), show, off);
    if (answer === show) await vscode.commands.executeCommand(`${viewIds.files}.focus`);
    if (answer === off) {
      await vscode.workspace
        .getConfiguration(section)
        .update('notifyAboutShares', false, vscode.ConfigurationTarget.Global);
    }
  }
}

/** One sentence for all of them. */
function newsText(shares: readonly ListedShare[]): string {
  const authors = [...new Set(shares.map(({ authorName }) => noticeText(authorName)))];
  const [first] = shares;
  if (first !== undefined && shares.length === 1) {
    const size = formatBytes(first.size);
    return vscode.l10n.t('{0} shared {1}, {2}.', authors[0] ?? '', noticeText(first.name), size);
  }
  const count = formatCount(shares.length, vscode.env.language);
  const shown = authors.slice(0, 3).join(', ');
  return authors.length > 3
    ? vscode.l10n.t('{0} and others shared {1} files and folders.', shown, count)
    : vscode.l10n.t('{0} shared {1} files and folders.', shown, count);
}
