import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { UpkeepValues } from '../../src/control/contract.js';
import { fromHex } from '../../src/common/bytes.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { waitFor } from '../support/waitFor.js';
import { Liar } from './support/liar.js';
import { deadlineMs } from './support/look.js';
import { get, shareNow } from './support/calls.js';
import { shareWithLiar } from './support/shareWithLiar.js';

/** Looks at once, instead of within minutes. */
const impatient: UpkeepValues = { everyMs: 100, patienceMs: 0, turnMs: 300 };

describe('fault 21: who claims a shard that it lacks, or drops one, is found by reading back at random', () => {
  let group: TestGroup;
  let author: TestPeer;
  let liar: Liar;
  let source: string;
  before(async () => {
    group = await TestGroup.start(3);
    author = group.get(0);
    liar = await Liar.join(group, 'mallory');
    await liar.visit(...group.peers);
    source = join(group.filesDir, 'a file');
    await writeRandomFile(source, 1_500_000);
    for (const peer of group.peers.slice(1)) {
      await (await peer.client()).request('configure', { upkeep: impatient });
    }
  });
  after(async () => {
    liar.dispose();
    await group.dispose();
  });

  /** The wire form of a manifest, as somebody was told it. */
  const manifestOf = async (shareId: string): Promise<Uint8Array> => {
    const log = await liar.logOf(author);
    const told = log.filter(({ kind }) => kind === 'manifest').map(({ bytes }) => bytes);
    const id = Buffer.from(fromHex(shareId));
    return told.find((bytes) => Buffer.from(bytes).includes(id)) ?? assert.fail('no manifest');
  };
  const isFound = async (shareId: string): Promise<void> => {
    const holders = group.peers.slice(1);
    const line = `a holder does not have what it signed for ${liar.nodeId} ${shareId}`;
    await author.until(
      () => holders.some(({ log }) => log.includes(line)),
      `hears of ${line}`,
      deadlineMs,
    );
  };

  it('of a shard that it acknowledged and dropped, also when it says that it has put that right', async () => {
    const made = await shareWithLiar(author, liar, source, '2+1');
    const { shareId } = made;
    const shard = made.holders.find(({ nodeId }) => nodeId === liar.nodeId)?.shard ?? assert.fail();
    const receipt = liar.receiptFor(await manifestOf(shareId), shard);
    liar.answer = (ask, truth) =>
      ask.t === 'take' ? { message: { t: 'taking', done: 1, total: 1, receipt } } : truth();
    liar.drop(shareId);
    await isFound(shareId);
    // The shard is made anew by one who holds none yet.
    const client = await author.client();
    await waitFor(
      client,
      async () => {
        const { holders } = await client.request('find', { share: shareId });
        return holders.some((one) => one.shard === shard && one.nodeId !== liar.nodeId);
      },
      'the shard to be made anew',
    );
    const target = join(group.root, 'repaired');
    await get(author, shareId, target);
    assert.equal(await sha256File(target), made.sha256);
  });

  it('of a shard that it never had', async () => {
    liar.dispose();
    const made = await shareNow(author, source, '1+1');
    const { shareId } = made;
    for (const peer of group.peers) await peer.lists(shareId);
    await liar.visit(...group.peers);
    const manifest = await manifestOf(shareId);
    liar.tell({ kind: 'receipt', bytes: liar.receiptFor(manifest, 0) });
    await isFound(shareId);
    const target = join(group.root, 'whole');
    await get(author, shareId, target);
    assert.equal(await sha256File(target), made.sha256);
  });
});
