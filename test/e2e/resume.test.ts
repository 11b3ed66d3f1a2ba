import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlClient, TransferInfo } from '../../src/control/contract.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import type { TestGroup, TestPeer } from '../support/peers.js';
import { isDone, untilTransfer } from '../support/untilTransfer.js';
import { waitFor } from '../support/waitFor.js';
import { restoreGroup, sixPeers } from './group.js';
import { getFile, listedNames, shareFile } from './results.js';

/** More than is fetched between two looks at how far it is. */
const size = 160 << 20;

describe('a transfer that is interrupted', function () {
  this.timeout(300_000);
  let group: TestGroup;

  before(async () => {
    group = await sixPeers();
  });

  afterEach(async () => {
    await restoreGroup();
  });

  /** Starts a share or get over the control channel, and asks for no answer: it may never come. */
  async function start(
    peer: TestPeer,
    request: (client: ControlClient, transferId: string) => Promise<unknown>,
  ): Promise<string> {
    const transferId = randomUUID();
    request(await peer.client(), transferId).catch(() => undefined);
    return transferId;
  }

  const until = async (
    peer: TestPeer,
    transferId: string,
    isSo: (transfer: TransferInfo) => boolean,
  ): Promise<TransferInfo> => await untilTransfer(await peer.client(), transferId, isSo, 120_000);
  const hasMoved =
    (bytes: number) =>
    ({ bytesDone, state }: TransferInfo): boolean =>
      bytesDone > bytes || state === 'done';

  async function newFile(name: string, bytes = size): Promise<string> {
    const file = join(group.filesDir, name);
    await writeRandomFile(file, bytes);
    return file;
  }

  it('by the end of its peer goes on when that runs again: a share, killed three times', async () => {
    const source = await newFile('share-killed.bin');
    const sharer = group.get(2);
    const transferId = await start(sharer, (client, id) =>
      client.request('share', { transferId: id, path: source, redundancy: '2+2' }),
    );
    for (const part of [0.2, 0.5, 0.8]) {
      await until(sharer, transferId, hasMoved(part * size));
      await sharer.kill();
      assert.ok(!(await listedNames(group.get(0))).includes('share-killed.bin'));
      await sharer.serve();
    }
    const { shareId } = await until(sharer, transferId, isDone);
    const getter = group.get(5);
    await getter.lists(shareId ?? '');
    const target = join(group.root, 'share-killed');
    await getFile(getter, shareId ?? '', target);
    assert.equal(await sha256File(target), await sha256File(source));
    // One share, not one for each attempt.
    const names = await listedNames(getter);
    assert.equal(names.filter((name) => name === 'share-killed.bin').length, 1);
  });

  it('goes on as a download, of a file and of a folder, and leaves nothing else behind', async () => {
    const folder = join(group.filesDir, 'several');
    await mkdir(folder);
    for (const [name, bytes] of [
      ['large', size],
      ['small', 10],
      ['middle', 5_000_000],
    ] as const) {
      await writeRandomFile(join(folder, name), bytes);
    }
    const file = await newFile('get-killed.bin');
    for (const source of [file, folder]) {
      const share = await shareFile(group.get(0), source);
      const getter = group.get(4);
      await getter.lists(share.shareId);
      const into = join(group.root, `got ${share.name}`);
      await mkdir(into);
      const target = join(into, 'target');
      const transferId = await start(getter, (client, id) =>
        client.request('get', { transferId: id, share: share.shareId, path: target }),
      );
      for (const part of [0.3, 0.6]) {
        await until(getter, transferId, hasMoved(part * size));
        await getter.kill();
        assert.ok(!(await readdir(into)).includes('target'));
        await getter.serve();
      }
      await until(getter, transferId, isDone);
      assert.deepEqual(await readdir(into), ['target']);
      await hasNoJournal(getter);
      const pairs =
        source === file
          ? [[file, target]]
          : ['large', 'small', 'middle'].map((name) => [join(folder, name), join(target, name)]);
      for (const [a = '', b = ''] of pairs) assert.equal(await sha256File(b), await sha256File(a));
    }
  });

  it('begins anew when the file became another one, and nothing of the old is listed', async () => {
    const source = await newFile('changed.bin');
    const sharer = group.get(3);
    const transferId = await start(sharer, (client, id) =>
      client.request('share', { transferId: id, path: source, redundancy: '2+2' }),
    );
    await until(sharer, transferId, hasMoved(size / 2));
    await sharer.kill();
    await writeRandomFile(source, size);
    await sharer.serve();
    const { shareId } = await until(sharer, transferId, isDone);
    const target = join(group.root, 'changed');
    await group.get(1).lists(shareId ?? '');
    await getFile(group.get(1), shareId ?? '', target);
    assert.equal(await sha256File(target), await sha256File(source));
    const names = await listedNames(group.get(1));
    assert.equal(names.filter((name) => name === 'changed.bin').length, 1);
  });

  it('by all holders going away waits for them, and goes on', async () => {
    const source = await newFile('alone.bin');
    const share = await shareFile(group.get(0), source, '--redundancy', '2+2');
    const getter = group.get(5);
    await getter.lists(share.shareId);
    const holders = group.peers.filter((peer) => peer !== getter);
    const target = join(group.root, 'alone');
    const got = (await getter.client()).request('get', {
      ...{ transferId: 'alone', share: share.shareId, path: target },
    });
    await until(getter, 'alone', hasMoved(size / 4));
    await Promise.all(holders.map((holder) => holder.kill()));
    await until(getter, 'alone', ({ state }) => state === 'waiting');
    await Promise.all(holders.map((holder) => holder.serve()));
    assert.equal((await got).bytes, size); // who asked for it has the answer all the same
    assert.equal(await sha256File(target), await sha256File(source));
  });

  it('by its user stays so over a restart, in the words of the terminal, until it is resumed', async () => {
    const source = await newFile('paused.bin');
    const share = await shareFile(group.get(0), source);
    const getter = group.get(4);
    await getter.lists(share.shareId);
    const target = join(group.root, 'paused');
    const transferId = await start(getter, (client, id) =>
      client.request('get', { transferId: id, share: share.shareId, path: target }),
    );
    await until(getter, transferId, hasMoved(size / 4));
    await getter.ok(['pause', transferId.slice(0, 8)]);
    await until(getter, transferId, ({ state }) => state === 'paused');
    await getter.stop();
    await getter.serve();
    const paused = await until(getter, transferId, ({ state }) => state === 'paused');
    assert.ok(paused.resumable);
    await getter.ok(['resume', transferId]);
    await until(getter, transferId, isDone);
    assert.equal(await sha256File(target), await sha256File(source));
  });

  it('can be given up while nobody works on it, and leaves nothing', async () => {
    const source = await newFile('given-up.bin');
    const share = await shareFile(group.get(0), source);
    const getter = group.get(4);
    await getter.lists(share.shareId);
    const into = join(group.root, 'given up');
    await mkdir(into);
    await writeFile(join(into, 'mine'), 'mine');
    const transferId = await start(getter, (client, id) =>
      client.request('get', { transferId: id, share: share.shareId, path: join(into, 'target') }),
    );
    await until(getter, transferId, hasMoved(size / 4));
    await (await getter.client()).request('pause', { transferId });
    await until(getter, transferId, ({ state }) => state === 'paused');
    assert.equal((await readdir(into)).length, 2);
    await getter.ok(['cancel', transferId]);
    const client = await getter.client();
    await waitFor(
      client,
      async () => {
        const { transfers } = await client.request('transfers', null);
        return transfers.some((one) => one.transferId === transferId && one.state === 'cancelled');
      },
      'it to be given up',
    );
    assert.deepEqual(await readdir(into), ['mine']);
    await hasNoJournal(getter);
  });
});

/** It goes after who waited was told. */
async function hasNoJournal(peer: TestPeer): Promise<void> {
  const journals = join(peer.dataDir, 'transfers');
  await peer.until(() => readdirSync(journals).length === 0, 'removes its journal');
}
