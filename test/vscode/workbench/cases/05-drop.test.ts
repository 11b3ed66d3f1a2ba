import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { ShareInfo } from '../../../../src/control/contract.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('case 05: files that are dropped', () => {
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    for (const name of ['dropped.bin', 'for-bob.bin']) await desk.write(name, 40_000);
  });

  const list = (title: string): Locator =>
    desk.workbench.pane(title).locator('.monaco-list').first();
  const find = async (share: string): Promise<ShareInfo> =>
    (await desk.control()).request('find', { share });

  it('onto the Files view are shared with the group', async () => {
    const { workbench } = desk;
    await workbench.drop(list('Files'), [desk.at('dropped.bin')]);
    await workbench.notification('Shared dropped.bin').waitFor();
    await workbench.row('Files', 'dropped.bin, 40 kB').waitFor();
    await workbench.screenshot('05-drop-view');
    assert.equal((await find('dropped.bin')).holders.length, 4);
  });

  it('onto a peer go to that one first, which says so when it is not enough', async () => {
    const { workbench } = desk;
    await workbench.drop(workbench.row('Peers', 'bob, '), [desk.at('for-bob.bin')]);
    await workbench
      .notification(/Shared for-bob\.bin.*1 of the chosen ones can be reached \(bob\)/)
      .waitFor();
    await workbench.screenshot('05-drop-peer');
    const { holders } = await find('for-bob.bin');
    assert.ok(holders.some(({ name }) => name === 'bob'));
  });

  it('onto this machine are refused in words: it has the file', async () => {
    const { workbench } = desk;
    await workbench.closeNotifications();
    await workbench.drop(workbench.row('Peers', 'desk, you'), [desk.at('dropped.bin')]);
    await workbench.notification('Files are shared with other members').waitFor();
  });

  it('from outside, without a path on this machine, are shared as what they are', async () => {
    const { workbench } = desk;
    await workbench.closeNotifications();
    const dataTransfer = await workbench.page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.items.add(new File(['Fetched from elsewhere.\\n'], 'outside.txt'));
      return data;
    })()`);
    for (const event of ['dragenter', 'dragover', 'drop']) {
      await list('Files').dispatchEvent(event, { dataTransfer });
    }
    await workbench.notification('Shared outside.txt').waitFor();
    await workbench.row('Files', 'outside.txt, 24 B').waitFor();
    await workbench.screenshot('05-drop-outside');
  });
});
