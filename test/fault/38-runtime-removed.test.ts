import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { attach } from '../../src/control/attach.js';
import type { ControlClient } from '../../src/control/contract.js';
import { repository } from '../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { ended } from '../support/processes.js';

describe('fault 38: a peer runs on from its own copy when the extension goes away, and a newer one follows it', () => {
  let group: TestGroup;
  let peer: TestPeer;
  const clients: ControlClient[] = [];
  before(async () => {
    group = await TestGroup.start(3);
    peer = group.get(2);
    await peer.stop();
  });
  after(async () => {
    const [client] = clients;
    const status = await client?.request('status', null).catch(() => undefined);
    await client?.request('shutdown', null).catch(() => undefined);
    for (const one of clients) one.dispose();
    if (status !== undefined) await ended(status.pid);
    await group.dispose();
  });

  /** What an extension brings along. */
  const extension = (version: string): string => {
    const folder = join(group.root, `extension ${version}`);
    cpSync(join(repository, 'dist'), folder, { recursive: true });
    appendFileSync(join(folder, 'worker.js'), `\n// ${version}\n`);
    return folder;
  };
  const attachFrom = async (runtimeDir: string): Promise<ControlClient> => {
    const client = await attach({ dataDir: peer.dataDir, runtimeDir, start: true });
    clients.unshift(client);
    return client;
  };
  const pidOf = async (client: ControlClient): Promise<number> =>
    (await client.request('status', null)).pid;

  it('in the middle of a transfer, and for the next one', async () => {
    const old = extension('old');
    const client = await attachFrom(old);
    await client.request('connect', null);
    const pid = await pidOf(client);
    const file = join(group.filesDir, 'a file');
    await writeRandomFile(file, 32 << 20);
    let removed = false;
    const subscription = client.on('transfer', () => {
      if (!removed) rmSync(old, { recursive: true });
      removed = true;
    });
    const { share: made } = await client.request('share', {
      ...{ transferId: 'one', path: file, redundancy: '1+1' },
    });
    subscription.dispose();
    assert.ok(removed);
    const target = join(group.root, 'fetched');
    await client.request('get', { transferId: 'two', share: made.shareId, path: target });
    assert.equal(await sha256File(target), await sha256File(file));
    assert.equal(await pidOf(client), pid);
  });

  it('a newer one uses the peer that runs; when nobody does, that ends cleanly and the newer one takes over', async () => {
    const newer = extension('newer');
    const [before = assert.fail()] = clients;
    const pid = await pidOf(before);
    const client = await attachFrom(newer);
    assert.equal(await pidOf(client), pid);
    for (const one of clients.splice(0)) one.dispose();
    await ended(pid);
    const after = await attachFrom(newer);
    await after.request('connect', null);
    const successor = await pidOf(after);
    assert.notEqual(successor, pid);
    if (process.platform === 'linux') {
      const [, runtime = ''] = readFileSync(`/proc/${String(successor)}/cmdline`, 'utf8').split(
        '\0',
      );
      assert.ok(runtime.startsWith(join(peer.dataDir, 'runtime')), runtime);
      const copy = readFileSync(join(runtime, '..', 'worker.js'), 'utf8');
      assert.ok(copy.endsWith('// newer\n'));
    }
    // It is the same peer, with the same files.
    const { shareId, sha256 } = await after.request('find', { share: 'a file' });
    const target = join(group.root, 'fetched again');
    await after.request('get', { transferId: 'three', share: shareId, path: target });
    assert.equal(await sha256File(target), sha256);
  });

  it('one that promised to stay ends when the extension is uninstalled, and one in a terminal does not', async () => {
    for (const one of clients.splice(0)) one.dispose();
    const client = await attachFrom(extension('last'));
    await client.request('configure', { stays: true });
    const pid = await pidOf(client);
    for (const one of clients.splice(0)) one.dispose();
    await peer.ok(['uninstalled']);
    await ended(pid);
    await peer.ok(['uninstalled']); // nobody is there to be told

    const other = group.get(0);
    await other.ok(['uninstalled']);
    assert.equal((await (await other.client()).request('status', null)).stays, true);
  });
});
