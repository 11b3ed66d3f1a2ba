import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { sha256File } from '../../../support/files.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('case 08: one of four peers, killed in the middle of a download', () => {
  const name = 'needed.bin';
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    await desk.write(name, 200_000_000);
  });

  it('is done without: the file is whole, and the row says who is away', async () => {
    const { workbench } = desk;
    await desk.share(name);
    const folder = desk.scratch.at('fetched');
    await mkdir(folder);
    const target = path.join(folder, name);
    const some = desk.heldAt(0.3, name, 'carol');
    await desk.download(name, target);
    await some;
    await desk.peer('carol').kill();
    await workbench.notification(/Downloaded needed\.bin.*proved here/).waitFor();
    assert.equal(await sha256File(target), await sha256File(desk.at(name)));
    await workbench.row('Peers', 'carol, offline').waitFor();
    await workbench.row('Files', `${name}, `).waitFor();
    await workbench.screenshot('08-killed-peer');
  });
});
