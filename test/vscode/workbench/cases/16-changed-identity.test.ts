import assert from 'node:assert/strict';
import { Impostor, newStranger } from '../../../support/stranger.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

describe('case 16: a peer that answers with another identity', () => {
  let desk: Desk;
  let impostor: Impostor;
  before(async function () {
    desk = await sharedDesk(this);
    const bob = desk.peer('bob');
    await bob.kill();
    await desk.workbench.row('Peers', 'bob, offline').waitFor();
    impostor = new Impostor(await newStranger());
    await impostor.listen(bob.address);
  });
  after(() => impostor.close());

  it('is shown as blocked, gets no byte, and is explained by the diagnosis', async () => {
    const { workbench } = desk;
    await workbench.command('Retry Connections');
    await workbench.row('Peers', 'bob, blocked: another identity answers').waitFor();
    await workbench.screenshot('16-changed-identity');
    await workbench.command('Diagnose Connections');
    await workbench.page
      .locator('.quick-input-widget .monaco-list-row', {
        hasText: /bob at .*: another identity answers/,
      })
      .waitFor();
    await workbench.screenshot('16-diagnosis');
    await workbench.dismiss(workbench.quickInput());
    assert.equal(impostor.bytes, 0);
  });
});
