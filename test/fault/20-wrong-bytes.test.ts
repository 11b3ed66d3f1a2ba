import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ShareInfo } from '../../src/control/contract.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { Liar } from './support/liar.js';
import { fails, logs } from './support/look.js';
import { get } from './support/calls.js';
import { shareWithLiar } from './support/shareWithLiar.js';

describe('fault 20: wrong bytes are refused, blamed on who sent them, taken elsewhere; who repeats it is shunned', () => {
  let group: TestGroup;
  let reader: TestPeer;
  let liar: Liar;
  let share: ShareInfo;
  before(async () => {
    group = await TestGroup.start(3);
    reader = group.get(0);
    liar = await Liar.join(group, 'mallory');
    await liar.visit(...group.peers);
    const source = join(group.filesDir, 'a file');
    await writeRandomFile(source, 3_000_000);
    share = await shareWithLiar(reader, liar, source, '2+1');
    liar.lieAboutPieces((piece) => {
      piece[700] = (piece[700] ?? 0) ^ 1;
      return piece;
    });
  });
  after(async () => {
    liar.dispose();
    await group.dispose();
  });

  const fetched = async (): Promise<string> => {
    const target = join(group.root, 'fetched');
    await get(reader, share.shareId, target, { overwrite: true });
    return await sha256File(target);
  };

  it('three times, then nobody asks it any more, for files or for parts of them', async () => {
    for (let time = 0; time < 3; time++) {
      const before = liar.count('piece');
      assert.equal(await fetched(), share.sha256);
      assert.ok(liar.count('piece') > before, 'it was asked');
    }
    await logs(reader, 'wrong piece', liar.nodeId);
    await logs(reader, 'is shunned', liar.nodeId);
    const blamed = [...reader.log.matchAll(/wrong piece ([0-9a-f]{64})/g)].map(([, id]) => id);
    assert.deepEqual(new Set(blamed), new Set([liar.nodeId]));

    const before = liar.count('piece');
    assert.equal(await fetched(), share.sha256);
    const client = await reader.client();
    await client.request('read', { share: share.shareId, offset: 1_000_000, length: 1000 });
    assert.equal(liar.count('piece'), before);
  });

  it('unless there is no other way: then its word is held against the hashes as ever', async () => {
    const [other] = group.peers.filter(
      ({ name }) => name !== reader.name && share.holders.some((holder) => holder.name === name),
    );
    await other?.kill();
    await fails(fetched(), 'not-enough-shards');
    liar.beHonest();
    const before = liar.count('piece');
    assert.equal(await fetched(), share.sha256);
    assert.ok(liar.count('piece') > before);
  });
});
