import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { holderOf } from './support/disk.js';

/** Of a single piece: nobody waits for it when what it was asked for has come from others. */
const pieceMs = 20_000;
/** What both transfers may take on a busy machine; whoever waited for more would wait for a deadline. */
const endMs = pieceMs / 2;

describe('fault 14: the end of a transfer is known from counts, and nobody waits for more', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let author: TestPeer;

  before(async () => {
    group = await TestGroup.start(4);
    author = group.get(0);
  });

  after(() => group.dispose());

  const newFile = async (size: number): Promise<string> => {
    const file = join(group.filesDir, `${String(size)}.bin`);
    await writeRandomFile(file, size);
    return file;
  };

  it('with nothing, one byte, or a last piece that is short or full', async () => {
    const client = await author.client();
    for (const size of [0, 1, 3 * 1_048_516, 3 * 1_048_516 + 1]) {
      const path = await newFile(size);
      const started = performance.now();
      const [sharing, getting] = [randomUUID(), randomUUID()];
      const { share } = await client.request('share', {
        ...{ transferId: sharing, path, redundancy: '2+1' },
      });
      const target = join(group.root, String(size));
      const got = await client.request('get', {
        ...{ transferId: getting, share: share.shareId, path: target },
      });
      assert.ok(performance.now() - started < endMs, String(size));
      assert.equal(got.bytes, size);
      assert.equal(await sha256File(target), await sha256File(path));
      const { transfers } = await client.request('transfers', null);
      for (const id of [sharing, getting]) {
        const { state, bytesDone, bytesTotal } =
          transfers.find(({ transferId }) => transferId === id) ?? assert.fail();
        assert.deepEqual([state, bytesDone, bytesTotal], ['done', size, size]);
      }
    }
  });

  it('while a holder still owes what it was asked for', async () => {
    const client = await author.client();
    const path = await newFile(9_000_000);
    const { share } = await client.request('share', {
      ...{ transferId: randomUUID(), path, redundancy: '2+1' },
    });
    const { holder } = holderOf(group, share, 0);
    holder.signal('SIGSTOP');
    try {
      const target = join(group.root, 'without');
      const started = performance.now();
      const got = await client.request('get', {
        ...{ transferId: randomUUID(), share: share.shareId, path: target },
      });
      assert.ok(performance.now() - started < endMs);
      assert.equal(got.from[holder.name] ?? 0, 0);
      assert.equal(await sha256File(target), await sha256File(path));
    } finally {
      holder.signal('SIGCONT');
    }
  });
});
