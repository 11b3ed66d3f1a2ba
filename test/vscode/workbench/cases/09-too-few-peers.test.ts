import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('case 09: too few peers', () => {
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    await desk.write('few.bin', 40_000);
    for (const name of ['carol', 'dave']) {
      await desk.peer(name).kill();
      await desk.workbench.row('Peers', `${name}, offline`).waitFor();
    }
  });

  it('are counted when a file is shared, and the row says what it survives', async () => {
    const { workbench } = desk;
    await desk.shareFromExplorer('few.bin');
    await workbench.notification(/Only 2 other peers can be reached; four or more/).waitFor();
    await workbench.showViews();
    await workbench.row('Files', 'few.bin, 40 kB, survives any one leaving').waitFor();
    await workbench.screenshot('09-too-few-peers');
  });
});
