import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, watch } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { stopPeer } from '../../host/stopPeer.js';
import { hostileSettings } from '../../inHost/hostileSettings.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';
import type { Workbench } from '../workbench.js';

/** Two cases that need a machine of its own: the folder is opened first, and the peer starts only then. */
describe('a machine where a folder is not trusted, and a port is taken', () => {
  let desk: Desk;
  let server: Server;
  let machine: Workbench;
  let address: string;
  before(async function () {
    desk = await sharedDesk(this);
    const folder = desk.scratch.at('cloned');
    const settings = Object.entries(hostileSettings(desk.scratch.at('hostile')));
    await mkdir(path.join(folder, '.vscode'), { recursive: true });
    await writeFile(
      path.join(folder, '.vscode', 'settings.json'),
      JSON.stringify(
        Object.fromEntries(settings.map(([key, value]) => [`chunkPartitioner.${key}`, value])),
      ),
    );
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    machine = await desk.machine('untrusted', {
      folder,
      asksForTrust: true,
      machineSettings: { 'chunkPartitioner.listen': address },
    });
  });
  after(async () => {
    await machine.close();
    server.close();
    await stopPeer(desk.scratch.at('untrusted', 'data'));
  });

  describe('case 14: an untrusted workspace with settings of its own', () => {
    it('starts nothing and changes nothing', async () => {
      await machine.page.getByText('Restricted Mode').first().waitFor();
      assert.ok(!existsSync(desk.scratch.at('untrusted', 'data')), 'a peer was started');
      await machine.showViews();
      await machine.pane('Peers').getByText('Create Group').waitFor();
      await machine.screenshot('14-untrusted-workspace');
      assert.ok(existsSync(desk.scratch.at('untrusted', 'data')), 'the user’s own setting counts');
      assert.ok(!existsSync(desk.scratch.at('hostile')), 'the folder’s setting counted');
    });
  });

  describe('case 13: a port that another program uses', () => {
    it('is named, with where the peer listens instead, and that is kept when the user says so', async () => {
      const notice = machine.notification(`cannot listen on ${address}`);
      await notice.waitFor();
      await machine.screenshot('13-busy-port');
      const text = (await notice.textContent()) ?? '';
      const [, instead] = /It listens on (127\.0\.0\.1:\d+) instead/.exec(text) ?? [];
      assert.ok(instead !== undefined && instead !== address, text);
      const kept = untilSetting(desk.scratch.at('untrusted', 'home'), instead);
      await machine.press(`cannot listen on ${address}`, 'Use Another Port');
      await kept;
    });
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
