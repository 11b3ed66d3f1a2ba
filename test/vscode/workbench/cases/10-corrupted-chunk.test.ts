import assert from 'node:assert/strict';
import path from 'node:path';
import type { ChunkRun, ShareInfo } from '../../../../src/control/contract.js';
import { filesBelow } from '../../../e2e/scan.js';
import { flipByte } from '../../../support/files.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

const prologueBytes = 512;
const chunkBytes = 512;
const badChunk = 123;

describe('case 10: a corrupted chunk', () => {
  const name = 'ledger.bin';
  let desk: Desk;
  let share: ShareInfo;
  let run: ChunkRun;
  before(async function () {
    desk = await sharedDesk(this);
    await desk.write(name, 2_000_000);
    share = await desk.share(name);
    const control = await desk.control();
    const { runs } = await control.request('map', { share: share.shareId });
    run = runs.find((one) => one.name === 'bob') ?? assert.fail('bob holds nothing');
    const suffix = `${share.shareId}.${String(run.shard)}.shard`;
    const file = filesBelow(path.join(desk.peer('bob').dataDir, 'shards')).find((one) =>
      one.endsWith(suffix),
    );
    flipByte(file ?? assert.fail(suffix), prologueBytes + badChunk * chunkBytes + 100);
  });

  it('is found by a click on Verify, and named with its holder', async () => {
    const { workbench } = desk;
    const row = workbench.row('Files', `${name}, `);
    await row.hover();
    await row.locator('a[aria-label="Verify File…"]').click();
    const number = (run.first + badChunk).toLocaleString('en-US');
    await workbench
      .notification(`${name} is damaged, and can still be downloaded. bob: bad chunks ${number}.`)
      .waitFor();
    await workbench
      .row('Files', `${name}, 2.0 MB`)
      .and(workbench.page.locator('[aria-label*="reported damaged"]'))
      .waitFor();
    await workbench.screenshot('10-found');
  });

  it('is repaired by a click on Repair, by its holder, from what the others have', async () => {
    const { workbench } = desk;
    await workbench.closeNotifications();
    await workbench.row('Files', `${name}, `).click({ button: 'right' });
    await workbench.menuItem('Repair').waitFor();
    await workbench.screenshot('10-menu');
    await workbench.choose('Repair');
    await workbench.notification(`Repaired ${name}: put right by bob.`).waitFor();
    await workbench.screenshot('10-repaired');
  });

  it('after which its holders report the file whole', async () => {
    const { workbench } = desk;
    await workbench.closeNotifications();
    const row = workbench.row('Files', `${name}, `);
    await row.hover();
    await row.locator('a[aria-label="Verify File…"]').click();
    await workbench.notification(`${name} is whole, reported by its holders`).waitFor();
  });
});
