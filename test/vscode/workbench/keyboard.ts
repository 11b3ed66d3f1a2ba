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
    await this.press('Enter');
  }

  /** Moves down the list that has the focus, from its first row. @param rows where the list is */
  async toRow(rows: Locator, name: string): Promise<void> {
    await this.press('Home');
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

  /** Presses the arrow until this is there. */
  private async step(wanted: Locator): Promise<void> {
    for (let step = 0; step < mostSteps; step += 1) {
      if (await wanted.isVisible()) return;
      await this.press('ArrowDown');
    }
    await wanted.waitFor({ timeout: 1000 });
  }
}
