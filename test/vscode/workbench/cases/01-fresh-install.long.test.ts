import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';
import type { Workbench } from '../workbench.js';

describe('case 01: a fresh install', () => {
  let desk: Desk;
  let fresh: Workbench;
  before(async function () {
    desk = await sharedDesk(this);
    fresh = await desk.machine('fresh');
  });
  after(() => fresh.close());

  it('tells nothing, takes no focus and starts no peer by itself', async () => {
    // The list of what runs has the extension in it once that has been activated.
    await fresh.editorCommand('Developer: Show Running Extensions');
    await fresh.page
      .locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Chunk Partitioner' })
      .filter({ hasText: /Activation|Startup/ })
      .waitFor();
    assert.equal(await fresh.page.locator('.notification-toast').count(), 0);
    assert.equal(await fresh.page.locator('.activitybar .badge-content:visible').count(), 0);
    const focused = await fresh.page.evaluate('document.activeElement?.closest(".pane") !== null');
    assert.equal(focused, false);
    assert.ok(!(await fresh.pane('Peers').isVisible()));
    assert.ok(!existsSync(desk.scratch.at('fresh', 'data')));
    await fresh.tidy();
    await fresh.screenshot('01-quiet');
  });

  it('says in its empty views what to do first', async () => {
    await fresh.showViews();
    await fresh.pane('Peers').getByText('Create Group').waitFor();
    await fresh.pane('Peers').getByText('Join Group…').waitFor();
    await fresh.screenshot('01-fresh-install');
    assert.equal(await fresh.page.locator('.notification-toast').count(), 0);
  });
});
