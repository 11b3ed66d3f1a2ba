import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attach } from '../../src/control/attach.js';
import { connectControl } from '../../src/control/client/connect.js';
import { contractVersions, type ControlClient } from '../../src/control/contract.js';
import { readEndpoint } from '../../src/control/endpoint.js';
import { rejects } from '../peer/support/rejects.js';
import { repository } from '../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { ended, isRunning } from '../support/processes.js';

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

  /** The same with code that speaks another version of the contract. */
  const extensionSpeaking = (version: number): string => {
    const folder = extension(`speaking ${String(version)}`);
    const { min, max } = contractVersions;
    const spoken = `{min:${String(min)},max:${String(max)}}`;
    const file = join(folder, 'peer.js');
    const parts = readFileSync(file, 'utf8').split(spoken);
    assert.equal(parts.length, 2);
    writeFileSync(file, parts.join(`{min:${String(version)},max:${String(version)}}`));
    return folder;
  };
  /** Starts a peer from there, as an editor does or in a terminal; it promises to stay. @returns its process */
  const startSpeaking = async (version: number, ...options: string[]): Promise<number> => {
    const cli = join(extensionSpeaking(version), 'cli.js');
    const args = [cli, 'serve', ...options, '--listen', '127.0.0.1:0', '--data-dir', peer.dataDir];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const endpoint = readEndpoint(peer.dataDir) ?? assert.fail('it is nowhere');
    const client = await connectControl(endpoint, { min: version, max: version });
    const { pid } = await client.request('configure', { stays: true });
    client.dispose();
    assert.equal(pid, child.pid);
    return pid;
  };
  const endAll = async (): Promise<void> => {
    for (const client of clients.splice(0)) {
      const pid = await pidOf(client);
      await client.request('shutdown', null);
      client.dispose();
      await ended(pid);
    }
  };

  it('a newer one takes over from one that speaks an earlier version of the contract', async () => {
    await endAll();
    const older = await startSpeaking(contractVersions.min - 1, '--background');
    const client = await attachFrom(extension('after that'));
    await ended(older);
    assert.ok((await client.request('status', null)).stays, 'what the older one had promised');
    assert.equal((await client.request('find', { share: 'a file' })).name, 'a file');
  });

  it('but not from one of a later version, nor from one in a terminal: that is told', async () => {
    await endAll();
    for (const start of [
      () => startSpeaking(contractVersions.max + 1, '--background'),
      () => startSpeaking(contractVersions.min - 1),
    ]) {
      const pid = await start();
      const { hint } = await rejects('unsupported', () => attachFrom(join(repository, 'dist')));
      assert.ok(hint);
      assert.ok(isRunning(pid));
      process.kill(pid, 'SIGTERM');
      await ended(pid);
    }
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
