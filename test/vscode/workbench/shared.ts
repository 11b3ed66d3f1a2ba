/** What the cases about shared files do at a workbench. */
import type { FrameLocator } from 'playwright-core';
import type { Workbench } from './workbench.js';

/** Right-clicks a row of the Files view, and chooses a command of exactly this title. */
export async function rowMenu(workbench: Workbench, row: string, title: string): Promise<void> {
  await workbench.showViews();
  const item = workbench.menuItem(title).first();
  for (let times = 0; times < 3 && !(await item.isVisible()); times++) {
    if (times > 0) await workbench.page.keyboard.press('Escape');
    // A busy editor may draw the row anew under the click.
    await workbench.row('Files', row).first().click({ button: 'right' });
    await item.waitFor({ timeout: 8_000 }).catch(() => undefined);
  }
  await workbench.choose(title);
}

/** Right-clicks a file in a folder of the Explorer, and chooses from the extension's submenu. */
export async function explorerSubmenu(
  workbench: Workbench,
  folder: string,
  file: string,
  title: string,
): Promise<void> {
  const above = await workbench.explorerFile(folder);
  if ((await above.getAttribute('aria-expanded')) === 'false') await above.click();
  await (await workbench.explorerFile(file)).click({ button: 'right' });
  await workbench.menuItem('Shared with Peers').click();
  await workbench.choose(title);
}

/** What the page in the active editor shows. */
export function pageOf(workbench: Workbench): FrameLocator {
  return workbench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}
