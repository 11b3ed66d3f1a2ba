import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';
import { pageOf, rowMenu } from '../shared.js';

const size = 4 * 2 ** 30;
const middle = size / 2;

describe('case 20: the middle of a file of 4 GiB', () => {
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    this.timeout(170_000);
    await writeHuge(desk.at('huge.log'));
    const control = await desk.control();
    // One whole copy: what is looked at here does not depend on how often it is stored.
    const params = { transferId: randomUUID(), path: desk.at('huge.log'), redundancy: 'copies:1' };
    await control.request('share', params);
    await rm(desk.at('huge.log'));
    await desk.workbench.row('Files', 'huge.log, ').first().waitFor();
  });
  after(async () => {
    await desk.workbench.tidy();
    const control = await desk.control();
    await control.request('delete', { share: 'huge.log', versions: true });
    await rm(desk.at('huge.log'), { force: true });
  });

  it('is shown, verified, and no more of the file is fetched than that', async () => {
    const { workbench } = desk;
    await rowMenu(workbench, 'huge.log, ', 'Peek');
    const page = pageOf(workbench);
    await page.getByText('first line of the log').waitFor();
    await page.locator('#go-kind').selectOption('offset');
    await page.locator('#go-to').fill('50%');
    await page.locator('#go-to').press('Enter');
    await page.getByText('<b>the middle</b>').waitFor();
    await page.getByText('(50%)').waitFor();
    const cost = await page.locator('footer').innerText();
    assert.match(cost, /Proved/);
    const [, fetched, unit] = /Fetched ([\d.]+) (kB|MB)/.exec(cost) ?? assert.fail(cost);
    assert.ok(unit === 'kB' || Number(fetched) < 4, cost);
    await workbench.screenshot('20-peek-middle');
  });

  it('as bytes as well, and up and down by the keyboard', async () => {
    const { workbench } = desk;
    const page = pageOf(workbench);
    await page.getByRole('button', { name: 'Hex', exact: true }).click();
    await page.locator('tr[data-at="2147483648"]').waitFor();
    await page.getByText('3c 62 3e 74 68 65').waitFor();
    await workbench.screenshot('20-peek-hex');
    await page.locator('.content').focus();
    await workbench.page.keyboard.press('End');
    await page.getByText('(100%)').waitFor();
    await workbench.page.keyboard.press('PageUp');
    await workbench.page.keyboard.press('Home');
    await page.getByText('(0%)').waitFor();
    await page.getByRole('button', { name: 'Text', exact: true }).click();
    await page.getByText('first line of the log').waitFor();
  });

  it('is searched from where one stands, and a search that takes long is cancelled', async () => {
    const { workbench } = desk;
    const page = pageOf(workbench);
    await page.locator('#go-to').fill(String(middle - 100_000));
    await page.locator('#go-to').press('Enter');
    await page.locator('#find').fill('THE MIDDLE');
    await page.locator('#find').press('Enter');
    await page.locator('mark', { hasText: 'the middle' }).waitFor();
    await workbench.screenshot('20-peek-found');
    await page.locator('#find').fill('nowhere in this file');
    await page.locator('#find').press('Enter');
    await page.getByText(/Searching…/).waitFor();
    await workbench.screenshot('20-peek-searching');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.').waitFor();
  });
});

/** Mostly a hole: only what is looked at has lines. */
async function writeHuge(target: string): Promise<void> {
  const file = await open(target, 'w');
  try {
    await file.write('first line of the log\nsecond line\n');
    await file.truncate(size);
    await file.write('\n', middle - 1);
    await file.write('<b>the middle</b>\r\nnext line\n', middle);
    await file.write('last line\n', size - 10);
  } finally {
    await file.close();
  }
}
