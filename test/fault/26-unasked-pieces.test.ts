import assert from 'node:assert/strict';
import { join } from 'node:path';
import { newShareId } from '../../src/chunk/shareId.js';
import { pieceBytes } from '../../src/chunk/geometry.js';
import { fromHex } from '../../src/common/bytes.js';
import type { Connection } from '../../src/net/connection.js';
import { encodeFrame, FrameKind } from '../../src/protocol/frame.js';
import { encodeMessage } from '../../src/protocol/messages.js';
import { filesBelow } from '../e2e/scan.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { enter, lastWords } from './support/lastWords.js';
import { Liar } from './support/liar.js';
import { fails } from './support/look.js';
import { get, shareNow } from './support/calls.js';

const geometry = { k: 1, m: 1, q: 2, segments: 2, lastQ: 1 };

describe('fault 26: pieces that nobody asked for are refused, and change nothing', () => {
  let group: TestGroup;
  let holder: TestPeer;
  let mallory: Liar;
  let trudy: Liar;
  let connection: Connection;
  before(async () => {
    group = await TestGroup.start(2);
    holder = group.get(1);
    mallory = await Liar.join(group, 'mallory');
    trudy = await Liar.join(group, 'trudy');
    connection = await mallory.connect(holder);
  });
  after(async () => {
    for (const liar of [mallory, trudy]) liar.dispose();
    await group.dispose();
  });

  const stored = (): string[] =>
    ['shards', 'staging'].flatMap((folder) => filesBelow(join(holder.dataDir, folder)));
  const put = (shareId: Uint8Array, segment: number, size: number, shard = 0) =>
    connection.request(
      { t: 'put', share: shareId, shard, segment },
      { body: Buffer.alloc(size, 7) },
    );

  it('of a share that was never announced', async () => {
    const before = stored();
    const { shareId } = newShareId(mallory.papers.groupId, mallory.id);
    await fails(put(shareId, 0, 1024), 'not-found');
    assert.deepEqual(stored(), before);
  });

  it('of a share that another author is sending', async () => {
    const { groupId } = trudy.papers;
    const { shareId, random } = newShareId(groupId, trudy.id);
    const theirs = await trudy.connect(holder);
    await theirs.request({ t: 'stage', share: shareId, shard: 0, geometry, random, holders: [] });
    await fails(put(shareId, 0, pieceBytes(geometry, 0)), 'not-trusted', 'not-found');
    await fails(connection.request({ t: 'seal', share: shareId, shard: 0 }), 'not-trusted');
    await fails(connection.request({ t: 'abort', share: shareId, shard: 0 }), 'not-trusted');
    const stage = { t: 'stage', share: shareId, shard: 1, geometry, random, holders: [] } as const;
    await fails(connection.request(stage), 'not-trusted');
    trudy.dispose();
  });

  it('behind the end of the shard that was announced, or of another size', async () => {
    const { shareId, random } = newShareId(mallory.papers.groupId, mallory.id);
    const stage = { t: 'stage', share: shareId, shard: 0, geometry, random, holders: [] } as const;
    await connection.request(stage);
    for (const [segment, size] of [
      [2, 512],
      [0, 512],
      [1, 1024],
      [0, 1023],
    ] as const) {
      await fails(put(shareId, segment, size), 'protocol', 'limit', 'usage');
    }
    await fails(put(shareId, 0, 1024, 1), 'not-found');
    await connection.request({ t: 'abort', share: shareId, shard: 0 });
  });

  it('of a share that is complete', async () => {
    const file = join(group.filesDir, 'a file');
    await writeRandomFile(file, 500_000);
    const made = await shareNow(group.get(0), file, 'copies:1');
    await fails(put(fromHex(made.shareId), 0, 512), 'not-trusted', 'exists', 'not-found');
    const target = join(group.root, 'fetched');
    await get(group.get(0), made.shareId, target);
    assert.equal(await sha256File(target), made.sha256);
  });

  it('as an answer to a question that was never asked', async () => {
    mallory.dispose();
    const member = await enter(holder, mallory);
    const ok = encodeMessage({ t: 'ok' });
    const words = await lastWords(member, ({ link }) => {
      link.write(...encodeFrame(FrameKind.response, 4711, ok, Buffer.alloc(1024, 7)));
    });
    assert.equal(words, 'protocol');
  });
});
