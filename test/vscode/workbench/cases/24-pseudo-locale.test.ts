import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { visible } from '../../../../src/common/visible.js';
import { addPseudoLocale, pseudo, pseudoLocale, untranslated } from '../../l10n/pseudo.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';
import type { Workbench } from '../workbench.js';

describe('case 24: in a pseudo-locale', () => {
  const shared = 'umbrella.bin';
  let desk: Desk;
  let window: Workbench;
  /** What is on screen and is nobody's words: names, and the folders of this machine. */
  let data: string[];
  before(async function () {
    desk = await sharedDesk(this);
    const extensions = desk.scratch.at('home', 'extensions');
    const folder = readdirSync(extensions).find((name) => name.startsWith('chunk-partitioner.'));
    assert.ok(folder);
    addPseudoLocale(path.join(extensions, folder));
    await desk.write(shared, 40_000);
    await desk.share(shared);
    const control = await desk.control();
    await control.request('verifyAll', { transferId: randomUUID() });
    const { shares } = await control.request('shares', { cursor: null, limit: 200 });
    const { transfers } = await control.request('transfers', null);
    const { peers } = await control.request('peers', null);
    data = [
      ...[...shares, ...transfers, ...peers].map(({ name }) => visible(name)),
      ...transfers.map((transfer) => transfer.path ?? ''),
      ...['test group', hostname()],
      ...['More Actions', 'Collapse All'], // the editor’s own
    ].filter((name) => name !== '');
    window = await desk.workbench.anotherWindow({ language: pseudoLocale, words: pseudo });
    await window.showViews();
  });
  after(() => window.close());

  it('the views hold no English of ours', async () => {
    await window.row('Files', shared).waitFor();
    await window.row('Files', shared).click();
    await window.row('Files', 'alice').first().waitFor();
    for (const pane of ['Peers', 'Files', 'Transfers']) {
      const rows = window.pane(pane).locator('.monaco-list-row');
      assert.ok((await rows.count()) > 0, pane);
      await areTranslated(rows, 'aria-label');
      await areTranslated(
        window.pane(pane).locator('.pane-header .actions a.codicon'),
        'aria-label',
      );
    }
    await window.screenshot('24-pseudo-locale');
  });

  it('nor do the tooltips of their rows', async () => {
    for (const [pane, name] of [
      ['Peers', 'desk'],
      ['Peers', 'bob'],
      ['Files', shared],
      ['Files', 'carol'],
      ['Transfers', pseudo('Sharing')],
    ] as const) {
      const tooltip = await window.hover(window.row(pane, name).first());
      await tooltip.filter({ hasText: '⟦' }).waitFor();
      assert.deepEqual(left(await tooltip.innerText()), []);
      await window.page.mouse.move(900, 600);
      await tooltip.waitFor({ state: 'hidden' });
    }
  });

  it('nor their menus', async () => {
    for (const [pane, name] of [
      ['Peers', 'bob'],
      ['Files', shared],
      ['Transfers', pseudo('Sharing')],
    ] as const) {
      const row = window.row(pane, name).first();
      await row.hover();
      await areTranslated(row.locator('.actions a.codicon'), 'aria-label');
      await row.click({ button: 'right' });
      const items = window.page.locator('.monaco-menu .action-label');
      if (pane !== 'Transfers') await items.first().waitFor();
      for (const item of await items.all()) assert.deepEqual(left(await item.innerText()), []);
      if (pane === 'Files') await window.screenshot('24-menu');
      await window.page.keyboard.press('Escape');
      await window.page.locator('.monaco-menu').first().waitFor({ state: 'hidden' });
    }
  });

  it('nor the palette', async () => {
    await window.page.keyboard.press('F1');
    await window.quickInput().fill(`>${pseudo('Chunk Partitioner')}`);
    // Below its title, the editor shows what a command is called in English.
    const names = window.page.locator(
      '.quick-input-list .quick-input-list-row:first-child .label-name',
    );
    await names.filter({ hasText: '⟦' }).first().waitFor();
    for (const name of await names.all()) assert.deepEqual(left(await name.innerText()), []);
    await window.page.keyboard.press('Escape');
  });

  it('nor what asks and what tells', async () => {
    await window.command('Download File…');
    await window.page.locator('.quick-input-widget', { hasText: '⟦' }).waitFor();
    const item = window.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${shared}"]`);
    await item.first().waitFor();
    await areTranslated(item, 'aria-label');
    await areTranslated(window.quickInput(), 'placeholder');
    assert.deepEqual(left(await window.page.locator('.quick-input-title').innerText()), []);
    await window.screenshot('24-pick');
    await window.page.keyboard.press('Escape');
    await window.command('Verify File…');
    await window.pick(shared);
    const message = window.notification('⟦');
    await message.waitFor();
    const words = await message.locator('.notification-list-item-message').innerText();
    assert.deepEqual(left(words), []);
    await window.screenshot('24-notification');
  });

  /** Words of a text that are neither translated nor a name. */
  function left(text: string): string[] {
    return untranslated(text, data);
  }

  async function areTranslated(elements: Locator, attribute: string): Promise<void> {
    for (const element of await elements.all()) {
      const text = (await element.getAttribute(attribute)) ?? '';
      assert.deepEqual(left(text), [], text);
    }
  }
});
