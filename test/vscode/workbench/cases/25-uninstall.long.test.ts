import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { readEndpoint } from '../../../../src/control/endpoint.js';
import { ended } from '../../../support/processes.js';
import { extensionId } from '../../host/extensionId.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';
import type { Workbench } from '../workbench.js';

describe('case 25: once the extension is uninstalled', () => {
  let desk: Desk;
  let machine: Workbench;
  before(async function () {
    desk = await sharedDesk(this);
    machine = await desk.machine('leaving');
    await machine.showViews();
    await machine.pane('Peers').getByText('Create Group').waitFor();
  });
  after(() => machine.close());

  it('its socket is closed, its port is free, and no process is left', async () => {
    const dataDir = desk.scratch.at('leaving', 'data');
    const endpoint = readEndpoint(dataDir);
    assert.ok(endpoint);
    await accepts(endpoint.endpoint);
    await machine.server.uninstall(extensionId);
    await machine.page.reload();
    await machine.page.locator('.activitybar .action-label[aria-label^="Explorer"]').waitFor();
    await ended(endpoint.pid);
    await assert.rejects(accepts(endpoint.endpoint));
    assert.equal(readEndpoint(dataDir), null);
    // The editor draws what it remembers first.
    const icon = machine.page.locator('.activitybar a[aria-label^="Chunk Partitioner"]');
    await icon.waitFor({ state: 'detached' });
    await machine.screenshot('25-uninstalled');
  });
});

/** Connects to a local socket. @throws when nobody listens there */
function accepts(endpoint: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(endpoint, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
