import assert from 'node:assert/strict';
import { untilTransfer, isDone } from '../../../support/untilTransfer.js';
import { sha256File } from '../../../support/files.js';
import { readEndpoint } from '../../../../src/control/endpoint.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('case 07: a window that is reloaded in the middle of a transfer', () => {
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    await desk.write('long haul.bin', 200_000_000);
  });
  after(() => {
    desk.peer('carol').signal('SIGCONT');
  });

  it('shows the same transfer of the same peer, which goes on to its end', async () => {
    const { workbench } = desk;
    const pid = readEndpoint(desk.dataDir)?.pid;
    const held = desk.heldAt(0.3, 'long haul.bin', 'carol');
    await desk.shareFromExplorer('long haul.bin');
    const { transferId } = await held;
    desk.release(); // so that nobody but the window is attached
    await workbench.load();
    await workbench.showViews();
    const row = workbench.row('Transfers', 'Sharing, long haul.bin');
    await row.first().waitFor();
    await workbench.screenshot('07-reloaded');
    desk.peer('carol').signal('SIGCONT');
    const control = await desk.control();
    const done = await untilTransfer(control, transferId, isDone);
    assert.equal(readEndpoint(desk.dataDir)?.pid, pid);
    await workbench.row('Files', 'long haul.bin, ').waitFor();
    const share = await control.request('find', { share: done.shareId ?? '' });
    assert.equal(share.sha256, await sha256File(desk.at('long haul.bin')));
    await workbench.screenshot('07-done');
  });
});
