import assert from 'node:assert/strict';
import { sha256File } from '../../../support/files.js';
import type { Desk } from '../desk.js';
import { Keyboard } from '../keyboard.js';
import { MapPage } from '../mapPage.js';
import { sharedDesk } from '../sharedDesk.js';

const name = 'keyboard.bin';

describe('case 23: by keyboard alone', () => {
  let desk: Desk;
  let keyboard: Keyboard;
  let map: MapPage;

  before(async function () {
    desk = await sharedDesk(this);
    keyboard = new Keyboard(desk.workbench);
    map = new MapPage(desk.workbench);
    await desk.write(name, 5_000_000);
    await desk.workbench.explorerFile(name);
  });

  it('a file is shared', async () => {
    const { workbench } = desk;
    // Its shortcut would leave the Explorer again: that has the focus already.
    await keyboard.run('File: Focus on Files Explorer');
    await keyboard.toRow(workbench.page.locator('.explorer-folders-view'), name);
    await keyboard.menu('Share with Peers', '23-menu');
    await workbench.notification(`Shared ${name}`).waitFor();
    await workbench.screenshot('23-shared');
  });

  it('it is downloaded', async () => {
    const { workbench } = desk;
    await keyboard.focusView('Files');
    await keyboard.press('Home');
    await workbench.row('Files', `${name}, `).waitFor(); // on top, once it is listed
    await keyboard.toRow(workbench.pane('Files'), `${name}, `);
    await keyboard.menu('Download File…');
    const target = desk.at('keyboard-copy.bin');
    // The name is selected, without its extension: what is typed takes its place.
    await workbench.page.waitForFunction(`(() => {
      const { value, selectionStart: from, selectionEnd: to } = document.activeElement ?? {};
      return typeof value === 'string' && value.slice(from, to) === 'keyboard';
    })()`);
    await workbench.page.keyboard.type('keyboard-copy');
    await workbench.until(() => keyboard.press('Enter'), workbench.quickInput());
    await workbench.notification(/proved here/).waitFor();
    assert.equal(await sha256File(target), await sha256File(desk.at(name)));
  });

  it('its chunk map is opened, and everything in it is reached with Tab', async () => {
    const { workbench } = desk;
    await keyboard.run('Notifications: Clear All Notifications');
    await keyboard.focusView('Files');
    await keyboard.toRow(workbench.pane('Files'), `${name}, `);
    await keyboard.menu('Open Chunk Map');
    await map.inState('proved').first().waitFor();
    await keyboard.run('View: Focus Active Editor Group');
    for (const label of ['Verify', 'Repair', 'Download…']) {
      await keyboard.press('Tab');
      await map.frame.locator('button:focus', { hasText: label }).waitFor();
    }
    await keyboard.press('Tab');
    await focus('; chunks 0–');
    await keyboard.press('Tab');
    await map.frame.locator('.scroll:focus').waitFor();
    await keyboard.press('Shift+Tab');
    await focus('; chunks 0–');
  });

  it('arrow keys, Home, End and Enter move in it', async () => {
    await keyboard.press('End');
    await focus('–100% of the file');
    await keyboard.press('Home');
    await focus('; 0–');
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowDown');
    const below = await map.focused();
    assert.doesNotMatch(below, /; chunks 0–|; 0–/);
    await desk.workbench.screenshot('23-map');
    await keyboard.press('Control+End');
    await focus('more holders may be lost here');
    await keyboard.press('Control+Home');
    await focus('; chunks 0–');
    await keyboard.press('Enter');
    await map.frame.locator('.details:focus').waitFor();
    await keyboard.press('Escape');
    await focus('; chunks 0–');
  });

  it('and its actions work', async () => {
    for (let step = 0; step < 3; step += 1) await keyboard.press('Shift+Tab');
    await map.frame.locator('button:focus', { hasText: 'Verify' }).waitFor();
    await keyboard.press('Enter');
    await map.inState('reported').first().waitFor();
    await desk.workbench.notification('reported by its holders').waitFor();
    await desk.workbench.screenshot('23-verified');
  });

  /** Waits until a cell has the focus of which this is told. */
  function focus(words: string): Promise<void> {
    return map.frame.locator(`.cell:focus[aria-label*="${words}"]`).waitFor();
  }
});
