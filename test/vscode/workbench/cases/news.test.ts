import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeRandomFile } from '../../../support/files.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('what others share', () => {
  const names = ['minutes one.bin', 'minutes two.bin'];
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    // Failed transfers of other cases would be counted, too.
    await desk.workbench.command('Clear Ended Transfers');
  });

  it('is told by one notice, a badge and a mark, as long as the view is not on screen', async () => {
    const { workbench } = desk;
    await workbench.page.keyboard.press('Control+Shift+E');
    await workbench.row('Files', '').first().waitFor({ state: 'hidden' });
    const files = names.map((name) => join(desk.group.filesDir, name));
    for (const file of files) await writeRandomFile(file, 5_000);
    await desk.peer('bob').ok(['share', ...files]);
    await workbench.notification('bob shared 2 files and folders.').waitFor();
    const icon = workbench.page.locator(
      '.activitybar .action-item:has(a[aria-label^="Chunk Partitioner"]) .badge-content',
    );
    await icon.getByText('2', { exact: true }).waitFor();
    await workbench.screenshot('news-notice');
    await workbench.press('bob shared 2', 'Show Files');
    for (const name of names) await workbench.row('Files', `${name}, new, `).waitFor();
    await icon.waitFor({ state: 'hidden' });
    await workbench.screenshot('news-marks');
    // Seen, and then hidden: no news any more.
    await workbench.page.keyboard.press('Control+Shift+E');
    await workbench.row('Files', '').first().waitFor({ state: 'hidden' });
    await workbench.showViews();
    for (const name of names) await workbench.row('Files', `${name}, 5`).waitFor();
    assert.equal(await icon.isVisible(), false);
  });

  it('is nothing of one’s own', async () => {
    const { workbench } = desk;
    await workbench.page.keyboard.press('Control+Shift+E');
    await desk.write('own minutes.bin', 5_000);
    const control = await desk.control();
    await control.request('share', { transferId: 'own', path: desk.at('own minutes.bin') });
    await workbench.showViews();
    await workbench.row('Files', 'own minutes.bin, 5').waitFor();
    await rm(desk.at('own minutes.bin'));
  });
});
