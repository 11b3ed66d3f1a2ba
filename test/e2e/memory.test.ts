import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { peakMemory } from '../bench/peakMemory.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup } from '../support/peers.js';

/** What a peer may have resident at most, MiB, however large the file. */
const bound = 300;

/** Where the system tells how much memory a process has had. */
if (process.platform === 'linux') {
  describe('memory', () => {
    let group: TestGroup;
    before(async () => {
      group = await TestGroup.start(5, { unguarded: true });
    });
    after(() => group.dispose());

    it(`of a peer stays below ${String(bound)} MiB while it shares, holds or gets 1 GiB`, async () => {
      const file = path.join(group.filesDir, 'large');
      await writeRandomFile(file, 1 << 30);
      const sharer = await group.get(0).client();
      const { share } = await sharer.request('share', { transferId: randomUUID(), path: file });
      const newcomer = await group.add('newcomer');
      await newcomer.meets(group.peers);
      await newcomer.lists(share.shareId);
      const target = path.join(group.filesDir, 'fetched');
      await (
        await newcomer.client()
      ).request('get', { transferId: randomUUID(), share: share.shareId, path: target });
      assert.equal(await sha256File(target), await sha256File(file));
      for (const peer of group.peers) {
        const peak = peakMemory(peer.pid);
        assert.ok(peak !== null && peak < bound, `${peer.name}: ${String(peak)} MiB`);
      }
    });
  });
}
