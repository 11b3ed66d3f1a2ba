import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import decodeQR from 'qr/decode.js';
import type { Browser } from 'playwright-core';
import { readEndpoint } from '../../../../src/control/endpoint.js';
import { filesBelow } from '../../../e2e/scan.js';
import { sha256File, writeRandomFile } from '../../../support/files.js';
import { TestPeer } from '../../../support/peers.js';
import { ended } from '../../../support/processes.js';
import { launchBrowser } from '../../host/browser.js';
import { extensionId } from '../../host/extensionId.js';
import { installHost } from '../../host/installHost.js';
import { packageExtension } from '../../host/packageExtension.js';
import { ScratchFolder } from '../../host/scratchFolder.js';
import { stopPeer } from '../../host/stopPeer.js';
import { Workbench } from '../workbench.js';

const bigFile = 'nightly-build.tar';
const bigSize = 300_000_000;
const minutes = 60_000;

/**
 * The whole way, as two people go it at two machines, each with an editor, and four more peers: from the fresh install to the
 * end. What else is to be said of one step is in the other suites.
 */
describe('a file on its way from editor to editor', function () {
  this.timeout(3 * minutes);
  const scratch = new ScratchFolder();
  const peers: TestPeer[] = [];
  let browser: Browser;
  let extension: string;
  let mine: Workbench;
  let theirs: Workbench | undefined;
  let astray = false;

  before(async function () {
    this.timeout(15 * minutes);
    await installHost();
    extension = await packageExtension();
    mkdirSync(scratch.at('mine', 'project'), { recursive: true });
    mkdirSync(scratch.at('theirs', 'project'), { recursive: true });
    await writeRandomFile(scratch.at('mine', 'project', bigFile), bigSize);
    browser = await launchBrowser();
    mine = await open('mine');
  });

  beforeEach(function () {
    if (astray) this.skip(); // each step goes on from the one before
  });

  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    astray = true;
    for (const [who, workbench] of Object.entries({ mine, theirs })) {
      if (workbench === undefined) continue;
      await workbench.screenshot(`failed-${who}`);
      console.log(who, await workbench.rowNames());
    }
  });

  after(async () => {
    await Promise.all([mine.close(), theirs?.close()]);
    await browser.close();
    await Promise.all(peers.map((peer) => peer.kill()));
    await Promise.all(['mine', 'theirs'].map((who) => stopPeer(scratch.at(who, 'data'))));
    scratch.remove();
  });

  describe('case 01: a fresh install', () => {
    it('tells nothing, takes no focus and starts no peer by itself', async () => {
      // The list of what runs has the extension in it once that has been activated.
      await mine.editorCommand('Developer: Show Running Extensions');
      await mine.page
        .locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Chunk Partitioner' })
        .filter({ hasText: /Activation|Startup/ })
        .waitFor();
      assert.equal(await mine.page.locator('.notification-toast').count(), 0);
      assert.equal(await mine.page.locator('.activitybar .badge-content:visible').count(), 0);
      const focused = await mine.page.evaluate('document.activeElement?.closest(".pane") !== null');
      assert.equal(focused, false);
      assert.ok(!(await mine.pane('Peers').isVisible()));
      assert.ok(!existsSync(scratch.at('mine', 'data')));
      await mine.tidy();
      await mine.screenshot('01-quiet');
    });

    it('says in its empty views what to do first', async () => {
      await mine.showViews();
      await mine.pane('Peers').getByText('Create Group').waitFor();
      await mine.pane('Peers').getByText('Join Group…').waitFor();
      await mine.screenshot('01-fresh-install');
      assert.equal(await mine.page.locator('.notification-toast').count(), 0);
    });
  });

  describe('its way', () => {
    it('a group is created from the welcome view, and asked once whether to keep serving', async () => {
      await mine.pane('Peers').getByText('Create Group').click();
      await mine.answer('Name of the group', 'Night Shift');
      await mine.answer('Name of this machine', 'desk');
      await mine.row('Peers', 'desk, you').waitFor();
      await mine.press('Should this machine keep serving', 'Only While Open');
      await mine.screenshot('way-created');
    });

    it('an invite is shown with a Copy button, and lets a machine in', async () => {
      await mine.press('Created the group Night Shift', 'Invite a Peer…');
      const code = await inviteCode(mine, 'way-invite');
      assert.equal(await mine.page.evaluate('navigator.clipboard.readText()'), code);
      await addPeer('alice', code);
      await mine.row('Peers', 'alice, ').waitFor();
      await mine.closeNotifications();
    });

    it('an invite is a QR code as well, which lets one machine in, and its secret is in no log', async () => {
      await mine.command('Show Invite as QR Code');
      const frame = mine.page.frameLocator('iframe.webview').frameLocator('#active-frame');
      const picture = frame.getByRole('img', { name: 'QR code of the invite link' });
      await picture.waitFor();
      await mine.screenshot('invite-picture');
      const link = await readPicture(mine, await picture.screenshot());
      assert.match(link, /^code-oss:\/\/chunk-partitioner\.chunk-partitioner\/join\?code=CP1-/);
      await addPeer('bob', link);
      await mine.row('Peers', 'bob, ').waitFor();
      const code = link.split('=')[1] ?? '';
      const logs = filesBelow(scratch.at('mine', 'home')).filter((file) => file.endsWith('.log'));
      assert.ok(logs.length > 0);
      for (const file of logs) assert.ok(!readFileSync(file, 'utf8').includes(code), file);
      await mine.tidy();
      await mine.showViews();
    });

    it('four peers are in the Peers view', async () => {
      for (const name of ['carol', 'dave']) {
        await mine.command('Invite a Peer…');
        await addPeer(name, await inviteCode(mine));
        await mine.row('Peers', `${name}, `).waitFor();
      }
      await mine.closeNotifications();
      await mine.screenshot('way-peers');
    });

    it('a file is shared with a right click in the Explorer, with progress', async () => {
      const file = await mine.explorerFile(bigFile);
      await file.click({ button: 'right' });
      await mine.menuItem('Share with Peers').waitFor();
      await mine.screenshot('way-context-menu');
      await mine.choose('Share with Peers');
      const progress = mine.notification(/Sharing with peers.*\d+%.*peers/);
      await progress.waitFor();
      await progress.locator('.monaco-button', { hasText: 'Cancel' }).waitFor();
      await mine.showViews();
      await mine.row('Transfers', `Sharing, ${bigFile}`).waitFor();
      await mine.screenshot('way-progress');
      await mine.notification(`Shared ${bigFile}`).waitFor({ timeout: 2 * minutes });
    });

    it('the Files view shows which peer holds which chunks', async () => {
      const row = mine.row('Files', `${bigFile}, 300 MB, survives any 2 leaving`);
      await row.click();
      for (const name of ['alice', 'bob', 'carol', 'dave']) {
        await mine.row('Files', `${name}, chunks `).waitFor();
      }
      await mine.closeNotifications();
      await mine.widenSideBar(560);
      await mine.screenshot('way-holders');
    });

    it('its holders report it whole', async () => {
      await mine.row('Files', bigFile).hover();
      await mine.row('Files', bigFile).locator('a[aria-label="Verify File…"]').click();
      await mine
        .notification('is whole, reported by its holders')
        .waitFor({ timeout: 2 * minutes });
      await mine.screenshot('way-verified');
      await mine.closeNotifications();
      await mine.row('Files', 'bob, chunks ').waitFor(); // what was opened stays open
      await mine.sideBarPicture('sidebar');
    });

    it('a second editor joins with an invite', async () => {
      await mine.command('Invite a Peer…');
      const code = await inviteCode(mine);
      theirs = await open('theirs', { 'chunkPartitioner.keepServing': 'never' });
      await theirs.showViews();
      await theirs.pane('Peers').getByText('Join Group…').waitFor();
      await theirs.command('Join Group…');
      await theirs.answer('Invite code', code);
      await theirs.answer('Name of this machine', 'laptop');
      await theirs.notification('Joined the group Night Shift').waitFor();
      await theirs.row('Files', bigFile).waitFor();
    });

    it('and downloads the file from the palette, with two of its holders dead', async () => {
      assert.ok(theirs);
      await Promise.all([peers[0]?.kill(), peers[2]?.kill()]);
      await theirs.command('Download File…');
      await theirs.page
        .locator(`.quick-input-list .monaco-list-row[aria-label^="${bigFile}"]`)
        .waitFor();
      await theirs.screenshot('way-pick');
      await theirs.pick(bigFile);
      const target = scratch.at('theirs', 'project', bigFile);
      await theirs.acceptPath(target);
      await theirs.notification(/Downloaded .*proved here/).waitFor({ timeout: 2 * minutes });
      await theirs.screenshot('way-downloaded');
      await mine.screenshot('way-holders-dead');
      assert.equal(
        await sha256File(target),
        await sha256File(scratch.at('mine', 'project', bigFile)),
      );
    });

    it('a stopped peer says so, and starts on a click', async () => {
      await mine.command('Stop Peer');
      await mine.pane('Peers').getByText('Start Peer').waitFor();
      await mine.screenshot('way-stopped');
      assert.equal(await mine.page.locator('.notification-toast').count(), 0);
      await mine.pane('Peers').getByText('Start Peer').click();
      await mine.row('Files', bigFile).waitFor();
    });
  });

  describe('case 25: once the extension is uninstalled', () => {
    it('its socket is closed, its port is free, and no process is left', async () => {
      assert.ok(theirs);
      const { page, server } = theirs;
      const dataDir = scratch.at('theirs', 'data');
      const endpoint = readEndpoint(dataDir);
      assert.ok(endpoint);
      await accepts(endpoint.endpoint);
      await server.uninstall(extensionId);
      await page.reload();
      await page.locator('.activitybar .action-label[aria-label^="Explorer"]').waitFor();
      await ended(endpoint.pid);
      await assert.rejects(accepts(endpoint.endpoint));
      assert.equal(readEndpoint(dataDir), null);
      // The editor draws what it remembers first.
      const icon = page.locator('.activitybar a[aria-label^="Chunk Partitioner"]');
      await icon.waitFor({ state: 'detached' });
      await theirs.screenshot('25-uninstalled');
    });
  });

  function open(who: string, settings: Readonly<Record<string, unknown>> = {}): Promise<Workbench> {
    return Workbench.open(browser, {
      home: scratch.at(who, 'home'),
      folder: scratch.at(who, 'project'),
      extension,
      machineSettings: {
        'chunkPartitioner.dataDirectory': scratch.at(who, 'data'),
        'chunkPartitioner.listen': '127.0.0.1:0',
        ...settings,
      },
    });
  }

  async function addPeer(name: string, code: string): Promise<void> {
    const peer = new TestPeer(name, scratch.at(name));
    peers.push(peer);
    await peer.ok(['join', '-', '--name', name], { stdin: `${code}\n` });
    await peer.serve();
  }
});

/** The code that the open invite box shows; Enter copies it and closes the box. */
async function inviteCode(workbench: Workbench, screenshot?: string): Promise<string> {
  await workbench.page
    .locator('.quick-input-widget', { hasText: 'Good for one machine' })
    .waitFor();
  const code = await workbench.quickInput().inputValue();
  if (screenshot !== undefined) await workbench.screenshot(screenshot);
  await workbench.page.keyboard.press('Enter');
  await workbench.notification('Copied the invite').waitFor();
  return code;
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: number[];
}

/** What a camera would read of a picture. */
async function readPicture({ page }: Workbench, png: Buffer): Promise<string> {
  const url = `data:image/png;base64,${png.toString('base64')}`;
  const pixels = await page.evaluate<Pixels>(`(async () => {
    const image = new Image();
    image.src = ${JSON.stringify(url)};
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return { width: image.width, height: image.height, data: [...data] };
  })()`);
  return decodeQR({ ...pixels, data: Uint8Array.from(pixels.data) });
}

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
