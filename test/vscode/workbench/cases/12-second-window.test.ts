import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';
import type { Workbench } from '../workbench.js';

describe('case 12: a second window', () => {
  let desk: Desk;
  let second: Workbench | undefined;
  before(async function () {
    desk = await sharedDesk(this);
    await desk.write('both.bin', 30_000);
  });
  after(() => second?.close());

  it('shows the same peer, and what is shared in the first one', async () => {
    const { workbench } = desk;
    second = await workbench.anotherWindow();
    await second.showViews();
    const { listening } = await (await desk.control()).request('status', null);
    for (const window of [workbench, second]) {
      await window.row('Peers', `desk, you, ${listening}`).waitFor();
    }
    await desk.share('both.bin');
    await second.row('Files', 'both.bin, ').first().waitFor();
    await second.row('Transfers', 'Sharing, both.bin').first().waitFor();
    await second.screenshot('12-second-window');
  });
});
