import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import { toHex } from '../../../../src/common/bytes.js';
import { Liar } from '../../../fault/support/liar.js';
import { sealLoosely } from '../../../fault/support/forge.js';
import { fails } from '../../../fault/support/look.js';
import { MadeFile } from '../../../peer/support/madeFile.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

const peerName = '**B** [x](command:workbench.action.quit) $(bug) <img src=x>';
const fileName = '**b** [x](command%3Aworkbench.action.quit) $(bug) <i>www.example.com`';
const invisible = 'in\u200bvisible.txt';

describe('case 17: names that mean more than they say', () => {
  let desk: Desk;
  let liar: Liar;
  before(async function () {
    desk = await sharedDesk(this);
    liar = await Liar.join(desk.group, peerName);
    await liar.visit(desk.peer('alice'));
    for (const name of [fileName, invisible, 'CON', 'gpj.\u202eexe']) {
      await writeFile(desk.at(name), 'x');
    }
  });
  after(async () => {
    liar.dispose();
    await (await desk.peer('alice').client()).request('remove', { nodeId: liar.nodeId });
  });

  /** Everything that is drawn in there is text. */
  async function isText(place: Locator): Promise<void> {
    for (const drawn of ['a[href]', 'a[data-href]', 'img', 'i', 'em', 'code']) {
      assert.equal(await place.locator(drawn).count(), 0, drawn);
    }
  }

  it('of peers are text: in the row, and in what is told beside it', async () => {
    const { workbench } = desk;
    const row = workbench.row('Peers', peerName);
    await row.waitFor();
    const label = row.locator('.label-name').first();
    assert.equal(await label.textContent(), peerName);
    assert.equal(await label.locator('.codicon').count(), 0);
    const hover = await workbench.hover(row);
    await workbench.screenshot('17-peer');
    assert.ok((await hover.textContent())?.startsWith(peerName));
    await isText(hover);
    assert.equal(await hover.locator('.codicon').count(), 0);
  });

  it('of files are text: in the row, beside it, in messages and in picks', async () => {
    const { workbench } = desk;
    await desk.share(fileName);
    const params = { transferId: randomUUID(), path: desk.at(invisible) };
    await (await desk.control()).request('share', params);
    await workbench.row('Files', 'in\\\\u{200b}visible.txt, ').waitFor();
    const row = workbench.row('Files', fileName);
    const label = row.locator('.label-name').first();
    assert.equal(await label.textContent(), fileName);
    assert.equal(await label.locator('.codicon').count(), 0);
    const hover = await workbench.hover(row);
    await workbench.screenshot('17-file');
    assert.ok((await hover.textContent())?.startsWith(fileName));
    await isText(hover);

    await row.locator('a[aria-label="Verify File…"]').click();
    const message = workbench.notification('is whole, reported by its holders');
    await message.waitFor();
    await workbench.screenshot('17-message');
    await isText(message.locator('.notification-list-item-message'));

    await workbench.command('Download File…');
    const item = workbench.page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'command%3A' })
      .first();
    await item.waitFor();
    await workbench.screenshot('17-pick');
    assert.equal(await item.locator('.codicon-bug').count(), 0);
    await workbench.dismiss(workbench.quickInput());
  });

  it('that turn the direction of text, or that Windows keeps for itself, are not shared, and why is said', async () => {
    const { workbench } = desk;
    await workbench.closeNotifications();
    for (const [name, words] of [
      ['CON', 'is reserved on Windows'],
      ['gpj.\u202eexe', 'contains control or direction characters'],
    ] as const) {
      await workbench.drop(workbench.pane('Files').locator('.monaco-list').first(), [
        desk.at(name),
      ]);
      const message = workbench.notification(words);
      await message.waitFor();
      assert.doesNotMatch((await message.textContent()) ?? '', /\u202e/);
    }
    await workbench.screenshot('17-refused');
  });

  it('that lead out of a folder come from a peer that lies: they are listed nowhere', async () => {
    const connection = await liar.connectionTo(desk.peer('alice'));
    const control = await desk.control();
    for (const name of ['../../out', '..', 'CON', 'gpj.\u202eexe']) {
      const made = new MadeFile({
        ...{ groupId: toHex(liar.papers.groupId), author: liar, size: 2000, k: 1, m: 0 },
        epochKey: liar.papers.epoch?.key ?? assert.fail('no key'),
        seal: sealLoosely,
      });
      const manifest = made.sign({ ...made.info, name });
      const receipts = [liar.receiptFor(manifest, 0)];
      await fails(connection.request({ t: 'commit', manifest, receipts }), 'protocol');
    }
    const { shares } = await control.request('shares', { cursor: null, limit: 200 });
    assert.deepEqual(
      shares.filter(({ authorId }) => authorId === liar.nodeId),
      [],
    );
  });
});
