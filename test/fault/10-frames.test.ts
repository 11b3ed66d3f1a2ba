import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { geometryFor, pieceBytes } from '../../src/chunk/geometry.js';
import { decodeReceipt } from '../../src/chunk/receipt.js';
import { pieceHash, shardRoot } from '../../src/chunk/shardRoot.js';
import { newShareId } from '../../src/chunk/shareId.js';
import { fromHex, toHex } from '../../src/common/bytes.js';
import type { ShareInfo } from '../../src/control/contract.js';
import type { Identity } from '../../src/net/identity.js';
import { FrameKind } from '../../src/protocol/frame.js';
import { decodeResponse } from '../../src/protocol/messages.js';
import { writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { shareNow } from './support/calls.js';
import { Asker, newKey, type RawQuestion, type Writer } from './support/asker.js';

const ways: Readonly<Record<string, Writer>> = {
  'all in one write': (link, bytes) => {
    link.write(bytes);
  },
  'one byte a write': (link, bytes) => {
    for (const byte of bytes) link.write(Uint8Array.of(byte));
  },
  'cut at any place': (link, bytes) => {
    for (let at = 0; at < bytes.byteLength;) {
      const [length = 1] = randomBytes(1);
      link.write(bytes.subarray(at, at + length + 1));
      at += length + 1;
    }
  },
};

describe('fault 10: frames that are joined, split, or come byte by byte mean the same', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let peer: TestPeer;
  let key: Identity;
  let share: ShareInfo;
  const pieces = [randomBytes(4096), randomBytes(4096)];

  before(async () => {
    group = await TestGroup.start(2);
    peer = group.get(0);
    key = await newKey(group, 'asker');
    const source = join(group.filesDir, 'framed.bin');
    await writeRandomFile(source, 10_000);
    share = await shareNow(group.get(1), source, 'copies:2');
    await peer.lists(share.shareId);
  });

  after(() => group.dispose());

  /** Reads what the peer holds, and uploads a shard. @returns what it was answered, but for the receipt with its time */
  const converse = async (writer: Writer): Promise<readonly string[]> => {
    const asker = await Asker.enter(peer, key, writer);
    try {
      const { shard } = share.holders.find(({ name }) => name === peer.name) ?? assert.fail();
      const read = { share: fromHex(share.shareId), shard };
      const own = newShareId(asker.groupId, fromHex(key.nodeId));
      const geometry = { ...geometryFor(0, 1, 0), q: 8, segments: pieces.length, lastQ: 8 };
      assert.equal(pieceBytes(geometry, 0), pieces[0]?.byteLength);
      const mine = { share: own.shareId, shard: 0 };
      const asked: RawQuestion[] = [
        { message: { t: 'piece', ...read, segment: 0 } },
        { message: { t: 'hashes', ...read, page: 0 } },
        { message: { t: 'piece', ...read, segment: 1 } },
        { message: { t: 'verify', ...read } },
      ];
      const answers = [...(await asker.ask(asked))];
      const stage = { t: 'stage', ...mine, geometry, random: own.random, holders: [] } as const;
      answers.push(...(await asker.ask([{ message: { ...stage, holders: [] } }])));
      const puts = pieces.map((body, segment) => ({
        ...{ message: { t: 'put', ...mine, segment } as const, body },
      }));
      answers.push(...(await asker.ask(puts)));
      const [sealed = assert.fail()] = await asker.ask([{ message: { t: 'seal', ...mine } }]);
      assert.equal(sealed.kind, FrameKind.response);
      const { bytes } = decodeResponse('seal', sealed.message, new Uint8Array());
      const { shareId: shareOfReceipt, root } = decodeReceipt(bytes);
      const hashes = Buffer.concat(pieces.map((piece) => pieceHash(piece)));
      const whole = { shareId: own.shareId, shard: 0, segments: pieces.length };
      assert.deepEqual([shareOfReceipt, root], [own.shareId, shardRoot(whole, hashes)]);
      answers.push(...(await asker.ask([{ message: { t: 'abort', ...mine } }])));
      return answers.map(({ kind, message, body }) => `${kind} ${toHex(message)} ${toHex(body)}`);
    } finally {
      asker.link.destroy();
    }
  };

  it('whichever way they are written', async () => {
    const results: (readonly string[])[] = [];
    for (const [way, writer] of Object.entries(ways)) {
      const result = await converse(writer);
      results.push(result);
      assert.deepEqual(result, results[0], way);
    }
    // That of a segment beyond the end is refused; all else is answered.
    const kinds = results[0]?.map((line) => Number(line.split(' ')[0]));
    const { response: ok, error } = FrameKind;
    assert.deepEqual(kinds, [ok, ok, error, ok, ok, ok, ok, ok]);
  });
});
