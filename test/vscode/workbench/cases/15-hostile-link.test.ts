import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { shareLinkText, shareLinkUrl } from '../../../../src/common/links.js';
import { writeRandomFile } from '../../../support/files.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

/** What the editor of these tests opens links with. */
const scheme = 'code-oss';

describe('case 15: a link', () => {
  const name = 'quarterly report.bin';
  let desk: Desk;
  let groupId: string;
  let shareId: string;

  before(async function () {
    desk = await sharedDesk(this);
    const file = join(desk.group.filesDir, name);
    await writeRandomFile(file, 18_000);
    const { events } = await desk.peer('bob').ok(['share', file]);
    const shared = events.find(({ event }) => event === 'shared');
    ({ shareId } = shared?.['share'] as { shareId: string });
    await desk.workbench.row('Files', name).waitFor();
    const { self } = await (await desk.control()).request('status', null);
    groupId = self?.groupId ?? '';
  });

  it('that is copied from a row leads to a question: who shares what, and how large it is', async () => {
    const { workbench } = desk;
    const { page } = workbench;
    await workbench.row('Files', name).click({ button: 'right' });
    await workbench.choose('Copy Share Link');
    await workbench.notification(`Copied the link to ${name}.`).waitFor();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    assert.equal(copied, shareLinkUrl(scheme, groupId, shareId));
    await workbench.screenshot('15-link-copied');
    await workbench.press('Copied the link', 'Copy as Text');
    const text = shareLinkText(groupId, shareId);
    await page.waitForFunction(
      `navigator.clipboard.readText().then((text) => text === ${JSON.stringify(text)})`,
    );

    const before = readdirSync(desk.at());
    await openUrl(shareLinkUrl(scheme, groupId, shareId));
    const question = dialog(`bob shares ${name}, 18 kB`);
    await question.waitFor();
    assert.match((await question.textContent()) ?? '', /Nothing was downloaded or opened\./);
    await workbench.screenshot('15-link-asks');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'hidden' });
    assert.deepEqual(readdirSync(desk.at()), before);
    assert.equal(await page.locator('.tab').count(), 0);
    const { transfers } = await (await desk.control()).request('transfers', null);
    assert.ok(transfers.every((transfer) => transfer.shareId !== shareId));
  });

  it('that is malformed, or of another group, is refused in words', async () => {
    const { workbench } = desk;
    const good = shareLinkUrl(scheme, groupId, shareId);
    const refusals = [
      [`${good}&code=${good.slice(-36)}`, 'This link says the same thing twice.'],
      [`${good}&path=%2Fetc%2Fpasswd`, 'This link says something else than it should.'],
      [good.slice(0, -1), 'This link is not whole.'],
      [`${good.split('=')[0] ?? ''}=${'A'.repeat(9000)}`, 'This link is too long.'],
      [shareLinkUrl(scheme, 'ab'.repeat(32), shareId), 'This link is for another group'],
      [shareLinkUrl(scheme, groupId, 'ab'.repeat(16)), 'What this link names is not shared here'],
    ] as const;
    for (const [link, words] of refusals) {
      await openUrl(link);
      await workbench.notification(words).waitFor();
      if (link === refusals[0][0]) await workbench.screenshot('15-link-refused');
      await workbench.closeNotifications();
    }
    assert.equal(await dialogs().count(), 0);
  });

  it('to an invite asks as well, and once more as this machine is in a group already', async () => {
    await openUrl(`${scheme}://chunk-partitioner.chunk-partitioner/join?code=CP1-AAAA`);
    const question = dialog('This link is an invite');
    await question.waitFor();
    await desk.workbench.screenshot('15-invite-asks');
    await question.getByRole('button', { name: 'Join Group…' }).click();
    const { page } = desk.workbench;
    await page.getByPlaceholder('This machine is in test group already.').waitFor();
    await desk.workbench.screenshot('15-invite-beside');
    await desk.workbench.dismiss(desk.workbench.quickInput());
    const { self } = await (await desk.control()).request('status', null);
    assert.equal(self?.groupId, groupId);
  });

  const dialogs = () => desk.workbench.page.locator('.monaco-dialog-box');
  const dialog = (text: string) => dialogs().filter({ hasText: text });

  /** As a click on a link elsewhere has the editor do it; the editor asks first whether the extension may. */
  async function openUrl(url: string): Promise<void> {
    const { workbench } = desk;
    const { page } = workbench;
    await page.keyboard.press('F1');
    await workbench.quickInput().fill('>Developer: Open URL');
    await workbench.pick('Developer: Open URL');
    await page.locator('.quick-input-widget', { hasText: 'URL to open' }).waitFor();
    await workbench.quickInput().fill(url);
    await page.keyboard.press('Enter');
    const allowed = dialog('extension to open this URI');
    await allowed.waitFor();
    await allowed.getByRole('button', { name: 'Open', exact: true }).click();
    await allowed.waitFor({ state: 'hidden' });
  }
});
