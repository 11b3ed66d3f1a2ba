import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { attach } from '../../src/control/attach.js';
import type { ControlClient } from '../../src/control/contract.js';
import { readEndpoint } from '../../src/control/endpoint.js';
import { isUnderWay, repository } from '../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { ended } from '../support/processes.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { isDone, untilTransfer } from '../support/untilTransfer.js';
import { waitFor } from '../support/waitFor.js';
import { get, shareNow } from './support/calls.js';

const size = 96 << 20;

describe('fault 33: two windows have one peer, and its transfers go on when one reloads, or is killed', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let peer: TestPeer;
  const windows: ControlClient[] = [];

  before(async () => {
    group = await TestGroup.start(4);
    peer = group.get(3);
  });
  after(async () => {
    const last = windows.at(-1);
    if (last) {
      const pid = await pidOf(last);
      await last.request('shutdown', null);
      await ended(pid);
    }
    for (const window of windows) window.dispose();
    await group.dispose();
  });

  /** As the extension does when a window opens. */
  async function open(): Promise<ControlClient> {
    const runtimeDir = join(repository, 'dist');
    const window = await attach({ dataDir: peer.dataDir, runtimeDir, start: true });
    windows.push(window);
    return window;
  }
  const pidOf = async (window: ControlClient): Promise<number> =>
    (await window.request('status', null)).pid;

  it('that open at once', async () => {
    await peer.stop();
    const [one, two] = await Promise.all([open(), open()]);
    assert.equal(await pidOf(one), await pidOf(two));
    assert.equal(readEndpoint(peer.dataDir)?.pid, await pidOf(one));
  });

  it('whichever of them asked for the transfer', async () => {
    const source = join(group.filesDir, 'large.bin');
    await writeRandomFile(source, size);
    const made = await shareNow(group.get(0), source, '1+1');
    const [asker, other] = windows;
    assert.ok(asker && other);
    const pid = await pidOf(other);
    await waitFor(
      other,
      () =>
        other.request('find', { share: made.shareId }).then(
          () => true,
          () => false,
        ),
      'the share to be listed',
    );
    const transferId = randomUUID();
    const target = join(group.root, 'large');
    asker.request('get', { transferId, share: made.shareId, path: target }).catch(() => undefined); // it hears no answer
    await untilTransfer(other, transferId, ({ state }) => state === 'running');
    asker.dispose(); // a reload
    const again = await open();
    assert.equal(await pidOf(again), pid);
    await untilTransfer(other, transferId, isDone, 60_000);
    assert.equal(await sha256File(target), await sha256File(source));
  });

  it('also when it is a process that is killed', async () => {
    const source = join(group.filesDir, 'another.bin');
    await writeRandomFile(source, size);
    const [other] = windows.slice(1);
    assert.ok(other);
    const pid = await pidOf(other);
    await peer.cli(['share', source, '--redundancy', '1+1'], {
      onEvent: (event, client) => {
        if (isUnderWay(event)) client.kill('SIGKILL');
      },
    });
    const find = () => other.request('find', { share: 'another.bin' });
    await waitFor(
      other,
      () =>
        find().then(
          () => true,
          () => false,
        ),
      'the share to be done',
      60_000,
    );
    assert.equal(await pidOf(other), pid);
    const { shareId } = await find();
    const reader = group.get(1);
    await reader.lists(shareId);
    const target = join(group.root, 'another');
    await get(reader, shareId, target);
    assert.equal(await sha256File(target), await sha256File(source));
  });
});
