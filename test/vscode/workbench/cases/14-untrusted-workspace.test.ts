import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stopPeer } from '../../host/stopPeer.js';
import { hostileSettings } from '../../inHost/hostileSettings.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';
import type { Workbench } from '../workbench.js';

describe('case 14: an untrusted workspace with settings of its own', () => {
  let desk: Desk;
  let untrusted: Workbench;
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
    untrusted = await desk.machine('untrusted', { folder, asksForTrust: true });
  });
  after(async () => {
    await untrusted.close();
    await stopPeer(desk.scratch.at('untrusted', 'data'));
  });

  it('starts nothing and changes nothing', async () => {
    const { page } = untrusted;
    await page.getByText('Restricted Mode').first().waitFor();
    assert.ok(!existsSync(desk.scratch.at('untrusted', 'data')), 'a peer was started');
    await untrusted.showViews();
    await untrusted.pane('Peers').getByText('Create Group').waitFor();
    await untrusted.screenshot('14-untrusted-workspace');
    assert.ok(existsSync(desk.scratch.at('untrusted', 'data')), 'the user’s own setting counts');
    assert.ok(!existsSync(desk.scratch.at('hostile')), 'the folder’s setting counted');
  });
});
