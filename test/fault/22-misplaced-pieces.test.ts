import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShareInfo } from '../../src/control/contract.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { Liar } from './support/liar.js';
import { get } from './support/calls.js';
import { shareWithLiar } from './support/shareWithLiar.js';

const chunk = 512;

describe('fault 22: replayed, foreign, truncated or reordered pieces are refused, and the file is right', () => {
  let group: TestGroup;
  let liar: Liar;
  let share: ShareInfo;
  let shard: number;
  let other: ShareInfo;
  before(async () => {
    group = await TestGroup.start(3);
    liar = await Liar.join(group, 'mallory');
    await liar.visit(...group.peers);
    for (const name of ['one', 'other']) {
      await writeRandomFile(join(group.filesDir, name), 3_000_000);
    }
    const author = group.get(0);
    share = await shareWithLiar(author, liar, join(group.filesDir, 'one'), '2+1');
    other = await shareWithLiar(author, liar, join(group.filesDir, 'other'), '2+1');
    shard = shardOf(share);
    // One more who holds nothing: nobody is to be lied to so often that it stops asking.
    const reader = await group.add('dave');
    await Promise.all([reader.meets(group.peers), liar.visit(reader), reader.lists(share.shareId)]);
  });
  after(async () => {
    liar.dispose();
    await group.dispose();
  });

  const shardOf = ({ holders }: ShareInfo): number =>
    holders.find(({ nodeId }) => nodeId === liar.nodeId)?.shard ?? assert.fail();
  const isRight = async (reader: TestPeer): Promise<void> => {
    const before = liar.count('piece');
    const target = join(group.root, 'fetched');
    await get(reader, share.shareId, target, { overwrite: true });
    assert.equal(await sha256File(target), share.sha256);
    assert.ok(liar.count('piece') > before, 'it was asked');
  };

  it('a piece of another place of the same file', async () => {
    liar.lieAboutPieces((_piece, { segment }) =>
      liar.piece(share.shareId, shard, segment === 0 ? 1 : 0),
    );
    await isRight(group.get(0));
  });

  it('a piece of another file', async () => {
    liar.lieAboutPieces((_piece, { segment }) =>
      liar.piece(other.shareId, shardOf(other), segment),
    );
    await isRight(group.get(3));
  });

  it('a piece without its end', async () => {
    liar.lieAboutPieces((piece) => piece.subarray(0, piece.byteLength - chunk));
    await isRight(group.get(0));
  });

  it('a piece whose chunks changed places', async () => {
    liar.lieAboutPieces((piece) => {
      const first = piece.slice(0, chunk);
      piece.copyWithin(0, chunk, 2 * chunk);
      piece.set(first, chunk);
      return piece;
    });
    await isRight(group.get(3));
  });

  it('also where a part of the file is read', async () => {
    liar.lieAboutPieces(() => liar.piece(share.shareId, shard, 1));
    const client = await group.get(0).client();
    const before = liar.count('piece');
    const range = { offset: 5, length: 100 };
    const { base64 } = await client.request('read', { share: share.shareId, ...range });
    assert.ok(liar.count('piece') > before, 'it was asked');
    const whole = readFileSync(join(group.filesDir, 'one'));
    assert.deepEqual(Buffer.from(base64, 'base64'), whole.subarray(5, 105));
  });
});
