import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { ShareInfo } from '../../../../src/control/contract.js';
import { flipByte } from '../../../support/files.js';
import type { Desk } from '../desk.js';
import { MapPage } from '../mapPage.js';
import { sharedDesk } from '../sharedDesk.js';

const name = 'contrast.bin';
const prologueBytes = 512;
/** What has to have text of at least this contrast: WCAG 2 AA. */
const words = 'h1, h2, .facts, .help, .head, .details p, button, dt, dd, th, td';
const enough = 4.5;

describe('case 22: high contrast, and 200% zoom', () => {
  let desk: Desk;
  let map: MapPage;
  let share: ShareInfo;

  before(async function () {
    desk = await sharedDesk(this);
    map = new MapPage(desk.workbench);
    await desk.write(name, 24_000_000);
    share = await desk.share(name);
    spoilOneChunk();
    const control = await desk.control();
    await control.request('verify', { transferId: randomUUID(), share: share.shareId });
  });

  after(async () => {
    const { page } = desk.workbench;
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ forcedColors: null, colorScheme: null });
    const control = await desk.control();
    await control.request('repair', { transferId: randomUUID(), share: share.shareId });
  });

  it('the map shows in its usual colours what is reported, and what is damaged', async () => {
    const { workbench } = desk;
    await workbench.row('Files', `${name}, `).click({ button: 'right' });
    await workbench.choose('Open Chunk Map');
    await map.inState('damaged').first().waitFor();
    assert.ok((await map.inState('reported').count()) > (await map.inState('damaged').count()));
    await map.inState('damaged').first().click();
    await map.details.filter({ hasText: 'Damaged 1' }).waitFor();
    await workbench.screenshot('22-usual');
    await readable();
  });

  for (const [colorScheme, id] of [
    ['dark', 'hc-black'],
    ['light', 'hc-light'],
  ] as const) {
    it(`everything can be read in ${colorScheme} high contrast, by the system's own colours`, async () => {
      const { page } = desk.workbench;
      await page.emulateMedia({ forcedColors: 'active', colorScheme });
      await page.locator(`.monaco-workbench.${id}`).waitFor();
      await map.inState('damaged').first().waitFor();
      await desk.workbench.screenshot(`22-high-contrast-${colorScheme}`);
      await readable();
      // Without colours, the signs tell states apart.
      assert.notEqual(await map.sign('damaged'), await map.sign('reported'));
    });
  }

  it('nothing is cut off at 200% zoom', async () => {
    const { page } = desk.workbench;
    // What a page has at twice the size: half the room.
    await page.setViewportSize({ width: 640, height: 400 });
    await map.inState('damaged').first().waitFor();
    await desk.workbench.screenshot('22-zoom-views');
    const heads = await map.frame.locator('.head').all();
    const lefts = await Promise.all(heads.map(async (head) => (await head.boundingBox())?.x));
    assert.equal(new Set(lefts).size, 1, `rows begin at ${lefts.join(', ')}`);
    await desk.workbench.editorCommand('View: Close Primary Side Bar');
    await map.frame.locator('h1').scrollIntoViewIfNeeded();
    await desk.workbench.screenshot('22-zoom-map');
    assert.deepEqual(await map.clipped(), []);
    await map.frame.locator('table').scrollIntoViewIfNeeded();
    await desk.workbench.screenshot('22-zoom-table');
    await readable();
  });

  async function readable(): Promise<void> {
    const { ratio, text } = await map.leastContrast(words);
    assert.ok(ratio >= enough, `${ratio.toFixed(2)}: ${text}`);
  }

  function spoilOneChunk(): void {
    const holder = share.holders.find((one) => one.name === 'bob') ?? assert.fail('bob');
    const folder = path.join(desk.peer('bob').dataDir, 'shards');
    const suffix = `${share.shareId}.${String(holder.shard)}.shard`;
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const file = files.find((one) => one.endsWith(suffix)) ?? assert.fail(suffix);
    flipByte(path.join(folder, file), prologueBytes + 512 * 5000 + 300);
  }
});
