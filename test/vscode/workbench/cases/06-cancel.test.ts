import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { waitFor } from '../../../support/waitFor.js';
import type { Desk } from '../desk.js';
import { sharedDesk } from '../sharedDesk.js';

const size = 200_000_000;

describe('case 06: cancelled at about half', () => {
  const holders = ['alice', 'bob', 'carol', 'dave'] as const;
  let desk: Desk;
  before(async function () {
    desk = await sharedDesk(this);
    await Promise.all([desk.write('unwanted.bin', size), desk.write('wanted.bin', size)]);
  });
  afterEach(() => {
    for (const name of holders) desk.peer(name).signal('SIGCONT');
  });

  /** Files of shards, whole and staged, of all holders. */
  function shardFiles(): string[] {
    return holders.flatMap((name) =>
      readdirSync(desk.peer(name).dataDir, { recursive: true, encoding: 'utf8' })
        .filter((file) => /^(shards|staging)\b.*\./.test(file))
        .map((file) => path.join(name, file)),
    );
  }

  async function cancelled(name: string): Promise<void> {
    const control = await desk.control();
    const isSo = async (): Promise<boolean> => {
      const { transfers } = await control.request('transfers', null);
      return transfers.some((one) => one.name === name && one.state === 'cancelled');
    };
    await waitFor(control, isSo, `${name} to be cancelled`);
  }

  it('a share leaves nothing with its holders, and is listed nowhere', async () => {
    const { workbench } = desk;
    const before = shardFiles();
    const half = desk.heldAt(0.4, 'unwanted.bin', 'carol');
    await desk.shareFromExplorer('unwanted.bin');
    const { bytesDone, bytesTotal } = await half;
    assert.ok(bytesDone < bytesTotal * 0.9, `${String(bytesDone)} of ${String(bytesTotal)}`);
    await workbench.notification(/Sharing with peers.*\d+%/).waitFor();
    await workbench.screenshot('06-cancel-share');
    await workbench.press('Sharing with peers', 'Cancel');
    desk.peer('carol').signal('SIGCONT');
    await cancelled('unwanted.bin');
    await workbench.notification('Sharing with peers').waitFor({ state: 'hidden' });
    await workbench.showViews();
    await workbench.row('Transfers', 'Sharing, unwanted.bin').waitFor();
    assert.equal(await workbench.row('Files', 'unwanted.bin').count(), 0);
    await workbench.screenshot('06-cancelled-share');
    await desk
      .peer('carol')
      .until(
        () => shardFiles().join() === before.join(),
        'lets go of what it had of the cancelled share',
      );
  });

  it('a download leaves no file, and no part of one', async () => {
    const { workbench } = desk;
    await desk.share('wanted.bin');
    const folder = desk.scratch.at('cancelled');
    await mkdir(folder);
    const half = desk.heldAt(0.4, 'wanted.bin', 'bob', 'carol', 'dave');
    await desk.download('wanted.bin', path.join(folder, 'wanted.bin'));
    await half;
    await workbench.notification(/Downloading.*\d+%/).waitFor();
    assert.ok(!existsSync(path.join(folder, 'wanted.bin')));
    await workbench.press('Downloading', 'Cancel');
    for (const name of holders) desk.peer(name).signal('SIGCONT');
    await cancelled('wanted.bin');
    await workbench.notification('Downloading').waitFor({ state: 'hidden' });
    await workbench.row('Transfers', 'Downloading, wanted.bin').waitFor();
    await workbench.screenshot('06-cancelled-download');
    assert.deepEqual(readdirSync(folder), []);
  });
});
