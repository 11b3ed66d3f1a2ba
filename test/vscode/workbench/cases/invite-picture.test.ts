import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import decodeQR from 'qr/decode.js';
import { filesBelow } from '../../../e2e/scan.js';
import { stopPeer } from '../../host/stopPeer.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';
import type { Workbench } from '../workbench.js';

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: number[];
}

describe('an invite as a picture', () => {
  let desk: Desk;
  let workbench: Workbench;
  let dataDir: string;
  before(async function () {
    this.timeout(120_000);
    desk = await sharedDesk(this);
    const founder = desk.group.newcomer('frank');
    dataDir = founder.dataDir;
    await founder.ok(['init', '--name', 'frank', '--group', 'day shift']);
    workbench = await desk.machine('frank', {
      machineSettings: { 'chunkPartitioner.dataDirectory': dataDir },
    });
    await workbench.showViews();
    await workbench.row('Peers', 'frank, you').waitFor();
  });
  after(async () => {
    await workbench.close();
    await stopPeer(dataDir);
  });

  it('is a QR code that lets one machine in, and its secret is in no log', async () => {
    const { page } = workbench;
    await workbench.command('Show Invite as QR Code');
    const frame = page.frameLocator('iframe.webview').frameLocator('#active-frame');
    const picture = frame.getByRole('img', { name: 'QR code of the invite link' });
    await picture.waitFor();
    await workbench.screenshot('invite-picture');
    const link = await readPicture(await picture.screenshot());
    assert.match(link, /^code-oss:\/\/chunk-partitioner\.chunk-partitioner\/join\?code=CP1-/);

    const newcomer = desk.group.newcomer('grace');
    await newcomer.ok(['join', '-', '--name', 'grace'], { stdin: `${link}\n` });
    await workbench.row('Peers', 'grace, ').waitFor();
    const code = link.split('=')[1] ?? '';
    const logs = filesBelow(desk.scratch.at('frank', 'home')).filter((file) =>
      file.endsWith('.log'),
    );
    assert.ok(logs.length > 0);
    for (const file of logs) assert.ok(!readFileSync(file, 'utf8').includes(code), file);
  });

  /** What a camera would read of it. */
  async function readPicture(png: Buffer): Promise<string> {
    const url = `data:image/png;base64,${png.toString('base64')}`;
    const pixels = await workbench.page.evaluate<Pixels>(`(async () => {
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
});
