import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readEndpoint } from '../../src/control/endpoint.js';
import { isUnderWay, summary } from '../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup } from '../support/peers.js';
import { waitFor } from '../support/waitFor.js';
import { ended, isRunning } from '../support/processes.js';
import { get } from './support/calls.js';

describe('fault 34: nothing depends on a client that says goodbye: its peer goes on when it is killed, and ends in time', () => {
  let group: TestGroup;
  before(async () => {
    group = await TestGroup.start(3);
  });
  after(() => group.dispose());

  it('in the middle of a share that it asked for', async () => {
    const [reader, peer] = [group.get(0), group.get(2)];
    await peer.stop();
    const file = join(group.filesDir, 'a file');
    await writeRandomFile(file, 96 << 20);
    let pid = 0;
    const result = await peer.cli(['share', file, '--redundancy', '1+1'], {
      onEvent: (event, client) => {
        if (pid !== 0 || !isUnderWay(event)) return;
        pid = readEndpoint(peer.dataDir)?.pid ?? 0;
        client.kill('SIGKILL');
      },
    });
    assert.equal(result.code, null, summary(result));
    assert.ok(isRunning(pid), 'the peer is a process of its own');

    const client = await reader.client();
    const find = () => client.request('find', { share: 'a file' });
    await waitFor(
      client,
      () =>
        find().then(
          () => true,
          () => false,
        ),
      'the share to be complete',
    );
    await ended(pid); // nobody uses it any more
    assert.equal(readEndpoint(peer.dataDir), null);
    const target = join(group.root, 'fetched');
    await get(reader, (await find()).shareId, target);
    assert.equal(await sha256File(target), await sha256File(file));
    // It ended cleanly, and left nothing in the way of the next one.
    await peer.serve();
  });
});
