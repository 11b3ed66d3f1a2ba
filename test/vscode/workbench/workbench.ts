import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { CodeServer } from '../host/codeServer.js';
import { artifacts } from '../host/hostPaths.js';

export interface WorkbenchOptions {
  readonly home: string;
  readonly folder: string;
  readonly extension: string;
  readonly machineSettings: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether the editor asks if the folder is to be trusted; without it, it is. */
  readonly asksForTrust?: boolean;
  /** `deviceScaleFactor`, `colorScheme`, `viewport`, … of the page. */
  readonly page?: BrowserContextOptions;
}

/** How one window differs from the first. */
export interface WindowOptions {
  readonly folder?: string;
  /** The language that the editor says it speaks; its own texts stay English. */
  readonly language?: string;
  /** How the extension says its English words in that language. */
  readonly words?: (english: string) => string;
}

const patience = 30_000;

/** One VS Code workbench in a browser, and the few things that a user does with it. */
export class Workbench {
  private constructor(
    readonly server: CodeServer,
    readonly page: Page,
    private readonly folder: string,
    private readonly first: boolean,
    private readonly words: (english: string) => string = (english) => english,
  ) {}

  static async open(browser: Browser, options: WorkbenchOptions): Promise<Workbench> {
    const server = await CodeServer.start(options);
    try {
      return await Workbench.#openFirst(browser, server, options);
    } catch (error) {
      await server.stop(); // nobody else could any more
      throw error;
    }
  }

  static async #openFirst(
    browser: Browser,
    server: CodeServer,
    options: WorkbenchOptions,
  ): Promise<Workbench> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
      ...options.page,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    const workbench = new Workbench(server, page, options.folder, true);
    await workbench.load();
    return workbench;
  }

  /** One more window of the same user at the same machine; closing it leaves the first one open. */
  async anotherWindow(options: WindowOptions = {}): Promise<Workbench> {
    const { folder = this.folder, language, words } = options;
    const page = await this.page.context().newPage();
    page.setDefaultTimeout(patience);
    if (language !== undefined) {
      // Set before the editor's own messages are loaded, which would say that it is English.
      const get = `() => ${JSON.stringify(language)}`;
      await page.addInitScript(
        `Object.defineProperty(globalThis, '_VSCODE_NLS_LANGUAGE', { get: ${get}, set() {} });`,
      );
    }
    const workbench = new Workbench(this.server, page, folder, false, words);
    await workbench.load();
    return workbench;
  }

  /** Opens, or reloads, the window, and waits until the extension's contributions are there. */
  async load(): Promise<void> {
    await this.page.goto(this.server.folderUrl(this.folder));
    await this.activityIcon().waitFor();
  }

  async close(): Promise<void> {
    if (!this.first) {
      await this.page.close();
      return;
    }
    await this.page
      .context()
      .close()
      .finally(() => this.server.stop());
  }

  /** Closes what lies over the views: boxes, menus, editors, notifications. */
  async tidy(): Promise<void> {
    for (let layer = 0; layer < 3; layer += 1) await this.page.keyboard.press('Escape');
    await this.editorCommand('View: Close All Editors');
    await this.closeNotifications();
  }

  /** Shows the container of the three views. */
  async showViews(): Promise<void> {
    // A click on the icon of what is shown already would hide it.
    if (!(await this.pane('Peers').isVisible())) await this.activityIcon().click();
    await this.pane('Peers').waitFor();
  }

  /** The title of a view and what is below it. */
  pane(title: string): Locator {
    return this.page.locator('.sidebar .pane', {
      has: this.page.locator(`.pane-header[aria-label^="${this.words(title)}"]`),
    });
  }

  /** Rows of a view whose accessible name begins like this. */
  row(title: string, name: string): Locator {
    return this.pane(title).locator(`.monaco-list-row[aria-label^="${name}"]`);
  }

  /** A file of the Explorer, with the Explorer shown. */
  async explorerFile(name: string): Promise<Locator> {
    await this.page.locator('.activitybar .action-label[aria-label^="Explorer"]').waitFor();
    const row = this.page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`);
    if (!(await row.isVisible())) await this.page.keyboard.press('Control+Shift+E');
    await row.waitFor();
    return row;
  }

  /** Selects files and folders of the Explorer, all of them together. */
  async selectInExplorer(...names: readonly [string, ...string[]]): Promise<void> {
    // Rows that come late push others down, under the mouse.
    for (const name of names) await this.explorerFile(name);
    for (const [index, name] of names.entries()) {
      const row = await this.explorerFile(name);
      await row.click({ modifiers: index === 0 ? [] : ['ControlOrMeta'] });
    }
  }

  /** Drops files or folders of this machine onto a row or a view, as the Explorer does. */
  async drop(target: Locator, paths: readonly string[]): Promise<void> {
    const uris = paths.map((file) => `vscode-remote://${this.server.authority}${encodeURI(file)}`);
    const dataTransfer = await this.page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.setData('application/vnd.code.uri-list', ${JSON.stringify(uris.join('\r\n'))});
      return data;
    })()`);
    for (const event of ['dragenter', 'dragover', 'drop']) {
      await target.dispatchEvent(event, { dataTransfer });
    }
    await dataTransfer.dispose();
  }

  /** What is told beside a row when the mouse rests on it. */
  async hover(row: Locator): Promise<Locator> {
    const hovers = this.page.locator('.monaco-hover:visible');
    const hover = hovers.last();
    // A row that is just drawn anew forgets that the mouse is there: it comes once more.
    for (let times = 0; times < 10; times++) {
      await this.page.mouse.move(900, 600);
      await this.page.keyboard.press('Escape');
      await hovers.first().waitFor({ state: 'hidden' });
      await row.hover({ position: { x: 60, y: 10 } });
      const isThere = hover.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
      if (await isThere) return hover;
    }
    await hover.waitFor();
    return hover;
  }

  menuItem(label: string): Locator {
    return this.page.locator('.monaco-menu').getByRole('menuitem', { name: label });
  }

  /** Chooses from the menu that is open. One that has just opened may not take a click yet. */
  async choose(label: string): Promise<void> {
    const item = this.page
      .locator('.monaco-menu')
      .getByRole('menuitem', { name: label, exact: true })
      .first();
    await item.waitFor();
    await this.until(() => item.click({ timeout: 2_000 }), item);
  }

  /** Runs a command of the extension by its title, as a user finds it. */
  async command(title: string): Promise<void> {
    await this.editorCommand(`${this.words('Chunk Partitioner')}: ${this.words(title)}`);
  }

  /** Runs a command of the editor: `View: Close All Editors`. */
  async editorCommand(title: string): Promise<void> {
    const find = async (timeout: number): Promise<void> => {
      await this.page.keyboard.press('F1');
      await this.quickInput().fill(`>${title}`, { timeout });
      await this.pick(title, timeout);
    };
    for (let times = 0; times < 3; times++) {
      // The palette of the command before may be closing still, and takes this one along.
      const isFound = await find(8_000).then(
        () => true,
        () => false,
      );
      if (isFound) return;
    }
    await find(patience);
  }

  quickInput(): Locator {
    return this.page.locator('.quick-input-widget input.input');
  }

  /** Chooses a row of the open quick pick by how its name begins; `timeout` in ms. */
  async pick(name: string, timeout = patience): Promise<void> {
    await this.page
      .locator(`.quick-input-list .monaco-list-row[aria-label^="${name}"]`)
      .first()
      .click({ timeout });
  }

  /** Answers an input box that shows this prompt. */
  async answer(prompt: string, text: string): Promise<void> {
    await this.page.locator('.quick-input-widget', { hasText: prompt }).waitFor();
    await this.quickInput().fill(text);
    await this.page.keyboard.press('Enter');
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-list-item', { hasText: text }).first();
  }

  /** Presses a button of a notification. */
  async press(notification: string | RegExp, button: string): Promise<void> {
    await this.notification(notification)
      .locator('.monaco-button', { hasText: button })
      .first()
      .click();
  }

  async closeNotifications(): Promise<void> {
    await this.editorCommand('Notifications: Clear All Notifications');
    await this.quickInput().waitFor({ state: 'hidden' });
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(artifacts, { recursive: true });
    await this.page.screenshot({
      path: path.join(artifacts, `${name}.png`),
      animations: 'disabled',
    });
  }

  /** Makes the side bar wide enough for whole rows. */
  async widenSideBar(width: number): Promise<void> {
    const box = await this.page.locator('.part.sidebar').boundingBox();
    if (box === null) throw new Error('no side bar');
    const edge = box.x + box.width;
    await this.page.mouse.move(edge, 400);
    await this.page.mouse.down();
    await this.page.mouse.move(edge + width - box.width, 400, { steps: 5 });
    await this.page.mouse.up();
    await this.page.mouse.move(edge + 400, 600);
  }

  /** A picture of the side bar alone. */
  async sideBarPicture(name: string): Promise<void> {
    await this.page.mouse.move(900, 600);
    await this.page.locator('.part.sidebar').screenshot({
      path: path.join(artifacts, `${name}.png`),
      animations: 'disabled',
    });
  }

  /** Waits until the save dialog proposes this path, and takes it. */
  async acceptPath(target: string): Promise<void> {
    await this.page.locator('.quick-input-widget', { hasText: 'Download' }).waitFor();
    const proposed = `document.querySelector('.quick-input-widget input.input')?.value === ${JSON.stringify(target)}`;
    await this.page.waitForFunction(proposed);
    await this.page.keyboard.press('Enter');
  }

  /** Waits until the save dialog proposes a path of this name, and answers with another one. */
  async choosePath(name: string, target: string): Promise<void> {
    await this.page.locator('.quick-input-widget', { hasText: 'Download' }).waitFor();
    await this.page.waitForFunction(
      `document.querySelector('.quick-input-widget input.input')?.value.endsWith(${JSON.stringify(`/${name}`)})`,
    );
    const ok = this.page.locator('.quick-input-action .monaco-button').first();
    // The dialog looks up what was typed, and does not listen before it has; what was typed too early it changes.
    await this.until(async () => {
      await this.quickInput().fill(target);
      await ok.click({ timeout: 2_000 });
    }, ok);
    // Left where it is, the mouse would bring up what explains the next box, over its rows.
    await this.page.mouse.move(900, 600);
  }

  /** Escape, until what lies over the views is gone. */
  async dismiss(what: Locator): Promise<void> {
    await this.until(() => this.page.keyboard.press('Escape'), what);
  }

  /** Does something again and again until this is gone: who is told nothing by a busy editor presses once more. */
  async until(act: () => Promise<void>, gone: Locator): Promise<void> {
    for (let times = 0; times < 20 && (await gone.isVisible()); times++) {
      // What is gone in that moment cannot be pressed any more.
      await act().catch(() => undefined);
      await gone.waitFor({ state: 'hidden', timeout: 1_000 }).catch(() => undefined);
    }
    await gone.waitFor({ state: 'hidden' });
  }

  /** Accessible names of all rows on screen, for a test that waited in vain for one. */
  rowNames(): Promise<(string | null)[]> {
    const rows = this.page.locator('.monaco-list-row').all();
    return rows.then((all) => Promise.all(all.map((row) => row.getAttribute('aria-label'))));
  }

  private activityIcon(): Locator {
    return this.page
      .locator(`.activitybar .action-item:has(a[aria-label^="${this.words('Chunk Partitioner')}"])`)
      .first();
  }
}
