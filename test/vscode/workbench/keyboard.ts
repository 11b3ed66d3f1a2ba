import type { Locator } from 'playwright-core';
import type { Workbench } from './workbench.js';

/** Most keys that are pressed on the way to a row, or an item of a menu. */
const mostSteps = 80;

/** What somebody does in a workbench who has no mouse. */
export class Keyboard {
  constructor(private readonly workbench: Workbench) {}

  press(key: string): Promise<void> {
    return this.workbench.page.keyboard.press(key);
  }

  /** Runs a command by its title. */
  async run(title: string): Promise<void> {
    await this.press('F1');
    await this.workbench.quickInput().waitFor();
    await this.workbench.page.keyboard.type(title);
    const row = `.quick-input-list .monaco-list-row.focused[aria-label^="${title}"]`;
    await this.workbench.page.locator(row).waitFor();
    await this.workbench.until(() => this.press('Enter'), this.workbench.quickInput());
  }

  /** Gives a view the focus. One that is only just being drawn has no list yet that could take it. */
  async focusView(title: string): Promise<void> {
    const list = this.workbench.pane(title).locator('.monaco-list:focus');
    for (let times = 0; times < 5 && !(await list.isVisible()); times += 1) {
      await this.run(`Chunk Partitioner: Focus on ${title} View`);
      await list.waitFor({ timeout: 2_000 }).catch(() => undefined);
    }
    await list.waitFor();
  }

  /** Moves down the list that gets the focus, from its first row. @param rows where the list is */
  async toRow(rows: Locator, name: string): Promise<void> {
    await rows.locator('.monaco-list:focus').waitFor();
    await this.press('Home');
    await rows.locator('.monaco-list-row.focused[data-index="0"]').waitFor();
    await this.step(rows.locator(`.monaco-list-row.focused[aria-label^="${name}"]`));
  }

  /** Opens the menu of what has the focus, and chooses an item. @param picture kept before it is chosen */
  async menu(label: string, picture?: string): Promise<void> {
    await this.press('Shift+F10');
    const menu = this.workbench.page.locator('.monaco-menu');
    await menu.waitFor();
    await this.step(menu.locator('.action-item.focused', { hasText: label }));
    if (picture !== undefined) await this.workbench.screenshot(picture);
    await this.press('Enter');
    await menu.waitFor({ state: 'hidden' });
  }

  /** Presses the arrow until this is there: each time when the one before has moved the focus. */
  private async step(wanted: Locator): Promise<void> {
    const { page } = this.workbench;
    for (let step = 0; step < mostSteps; step += 1) {
      if (await wanted.isVisible()) return;
      const before = await page.evaluate(focused);
      await this.press('ArrowDown');
      await page.waitForFunction(`${focused} !== ${JSON.stringify(before)}`);
    }
    await wanted.waitFor({ timeout: 1000 });
  }
}

/** What says where the focus is: lists name the row, in a menu it is the item. */
const focused = `(() => {
  const element = document.activeElement;
  return element?.getAttribute('aria-activedescendant') ?? element?.textContent ?? '';
})()`;
