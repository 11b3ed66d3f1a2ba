import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, watch } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { stopPeer } from '../../host/stopPeer.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';
import type { Workbench } from '../workbench.js';

describe('case 13: a port that another program uses', () => {
  let desk: Desk;
  let server: Server;
  let busy: Workbench;
  let address: string;
  before(async function () {
    desk = await sharedDesk(this);
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    busy = await desk.machine('busy', { machineSettings: { 'chunkPartitioner.listen': address } });
  });
  after(async () => {
    await busy.close();
    server.close();
    await stopPeer(desk.scratch.at('busy', 'data'));
  });

  it('is named, with where the peer listens instead, and that is kept when the user says so', async () => {
    await busy.showViews();
    const notice = busy.notification(`cannot listen on ${address}`);
    await notice.waitFor();
    await busy.pane('Peers').getByText('Create Group').waitFor();
    await busy.screenshot('13-busy-port');
    const text = (await notice.textContent()) ?? '';
    const [, instead] = /It listens on (127\.0\.0\.1:\d+) instead/.exec(text) ?? [];
    assert.ok(instead !== undefined && instead !== address, text);
    const kept = untilSetting(desk.scratch.at('busy', 'home'), instead);
    await busy.press(`cannot listen on ${address}`, 'Use Another Port');
    await kept;
  });
});

/** Resolves when the settings of the machine name this address. */
async function untilSetting(home: string, address: string): Promise<void> {
  const folder = path.join(home, 'vscode', 'Machine');
  const isThere = (): boolean =>
    readFileSync(path.join(folder, 'settings.json'), 'utf8').includes(`"${address}"`);
  const watcher = watch(folder);
  while (!isThere()) await once(watcher, 'change');
  watcher.close();
}
