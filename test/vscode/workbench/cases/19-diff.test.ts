import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';
import { explorerSubmenu, rowMenu } from '../shared.js';

describe('case 19: the local file beside the shared version', () => {
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    await mkdir(desk.at('case19'));
  });
  after(async () => {
    await desk.workbench.tidy();
    await rm(desk.at('case19'), { recursive: true, force: true });
  });

  it('with CRLF, as it is: only the line that changed is marked', async () => {
    const { workbench } = desk;
    await writeFile(desk.at('case19', 'recipe.txt'), 'flour\r\nwater\r\nsalt\r\n');
    await desk.share('case19/recipe.txt');
    await writeFile(desk.at('case19', 'recipe.txt'), 'flour\r\nmilk\r\nsalt\r\n');
    await explorerSubmenu(workbench, 'case19', 'recipe.txt', 'Compare with Shared Version');
    const diff = workbench.page.locator('.monaco-diff-editor');
    await diff.locator('.original .line-delete').first().waitFor();
    await diff.locator('.modified .view-line', { hasText: 'milk' }).waitFor();
    await workbench.page.locator('.tab.active', { hasText: '↔ recipe.txt' }).waitFor();
    await workbench.page.locator('.statusbar-item', { hasText: 'CRLF' }).waitFor();
    await workbench.screenshot('19-diff');
  });

  it('and where only the line ends differ, the title says so', async () => {
    const { workbench } = desk;
    await writeFile(desk.at('case19', 'recipe.txt'), 'flour\nwater\nsalt\n');
    await rowMenu(workbench, 'recipe.txt, ', 'Compare with Shared Version');
    const tab = workbench.page.locator('.tab.active', { hasText: 'CRLF) ↔ recipe.txt (LF)' });
    await tab.waitFor();
    const lines = workbench.page.locator('.monaco-diff-editor .modified .view-line');
    await lines.filter({ hasText: 'water' }).waitFor();
    await workbench.screenshot('19-line-ends');
  });

  it('and an older version is compared, too', async () => {
    const { workbench } = desk;
    await desk.share('case19/recipe.txt');
    await explorerSubmenu(workbench, 'case19', 'recipe.txt', 'Compare with Older Version…');
    await workbench.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    await workbench.screenshot('19-versions');
    await workbench.page.keyboard.press('Enter');
    const tab = workbench.page.locator('.tab.active', { hasText: 'CRLF) ↔ recipe.txt (LF)' });
    await tab.waitFor();
  });
});
