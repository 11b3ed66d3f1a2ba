import assert from 'node:assert/strict';
import { copyFile, mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { repoRoot } from '../../host/hostPaths.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';
import { pageOf, rowMenu } from '../shared.js';

describe('case 18: a text, an image and a file over the cap', () => {
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    await mkdir(desk.at('case18'));
    await writeFile(desk.at('case18', 'essay.md'), '# On dogs\n\nThey <b>walk</b>.\n');
    await copyFile(path.join(repoRoot, 'media', 'icon.png'), desk.at('case18', 'badge.png'));
    const large = await open(desk.at('case18', 'over-cap.log'), 'w');
    await large.write('first line\n');
    await large.truncate(60_000_000);
    await large.close();
  });
  after(async () => {
    await desk.workbench.tidy();
    await rm(desk.at('case18'), { recursive: true, force: true });
  });

  it('a text is opened, read-only, as it was shared', async () => {
    const { workbench } = desk;
    await desk.share('case18/essay.md');
    await rm(desk.at('case18', 'essay.md')); // what is shown can come from the group only
    await rowMenu(workbench, 'essay.md, ', 'Open');
    const { page } = workbench;
    // The editor draws spaces as no-break spaces.
    await page.locator('.editor-container .view-lines', { hasText: /They.<b>walk/ }).waitFor();
    await workbench.screenshot('18-text');
  });

  it('an image is opened as an image', async () => {
    const { workbench } = desk;
    await desk.share('case18/badge.png');
    await rowMenu(workbench, 'badge.png, ', 'Open');
    await pageOf(workbench).locator('img').waitFor();
    await workbench.screenshot('18-image');
  });

  it('what is larger is refused, with two other ways, of which one shows it', async () => {
    const { workbench } = desk;
    await desk.share('case18/over-cap.log');
    await rowMenu(workbench, 'over-cap.log, ', 'Open');
    const refusal = workbench.notification(/only files up to 50 MB are opened as a whole/);
    await refusal.locator('.monaco-button', { hasText: 'Download' }).waitFor();
    await workbench.screenshot('18-over-cap');
    await refusal.locator('.monaco-button', { hasText: 'Peek' }).click();
    await pageOf(workbench).getByText('first line').waitFor();
    await workbench.screenshot('18-over-cap-peek');
  });

  it('and nothing was downloaded', async () => {
    const { transfers } = await (await desk.control()).request('transfers', null);
    const names = ['essay.md', 'badge.png', 'over-cap.log'];
    const got = transfers.filter(({ kind, name }) => kind === 'get' && names.includes(name));
    assert.deepEqual(got, []);
  });
});
