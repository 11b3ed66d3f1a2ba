import assert from 'node:assert/strict';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('case 03: where no file is chosen', () => {
  let desk: Desk;
  beforeEach(async function () {
    desk = await sharedDesk(this);
  });

  async function shareCount(): Promise<number> {
    const { shares } = await (await desk.control()).request('status', null);
    return shares;
  }

  it('the palette, with no editor open, asks for files, and Escape shares none', async () => {
    const { workbench } = desk;
    const before = await shareCount();
    await workbench.command('Share with Peers');
    const dialog = workbench.page.locator('.quick-input-widget', { hasText: 'Choose files' });
    await dialog.waitFor();
    await workbench.screenshot('03-palette');
    await workbench.dismiss(dialog);
    assert.equal(await workbench.page.locator('.notification-toast').count(), 0);
    assert.equal(await shareCount(), before);
  });

  it('a click into the empty area of the Explorer asks whether all of it is meant', async () => {
    const { workbench } = desk;
    const before = await shareCount();
    await workbench.explorerFile('README.md');
    const area = workbench.page.locator('.explorer-folders-view');
    const box = await area.boundingBox();
    assert.ok(box);
    await area.click({ button: 'right', position: { x: box.width / 2, y: box.height - 20 } });
    await workbench.menuItem('Share with Peers').waitFor();
    await workbench.screenshot('03-empty-area');
    await workbench.choose('Share with Peers');
    await workbench.page
      .locator('.quick-input-list', { hasText: 'The Whole Folder project' })
      .waitFor();
    await workbench.screenshot('03-what-is-meant');
    await workbench.pick('Choose Files…');
    const dialog = workbench.page.locator('.quick-input-widget', { hasText: 'Choose files' });
    await dialog.waitFor();
    await workbench.dismiss(dialog);
    assert.equal(await shareCount(), before);
  });
});
