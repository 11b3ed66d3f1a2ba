import assert from 'node:assert/strict';
import { encodeFrame, FrameKind } from '../../src/protocol/frame.js';
import { admittedFrame, messageLimits } from '../../src/protocol/limits.js';
import { newShareId } from '../../src/chunk/shareId.js';
import { encodeLoosely } from '../fuzz/live/encodeLoosely.js';
import { resourcesOf } from '../fuzz/live/resources.js';
import * as samples from '../protocol/samples.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { enter, lastWords } from './support/lastWords.js';
import { Liar } from './support/liar.js';
import { fails } from './support/look.js';

/** What a claim may make a peer keep at most, MiB: far below any that is made here. */
const flatMiB = 40;

/** CBOR that begins to say something very large, and stops. */
const begun = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);

describe('fault 24: huge lengths, counts and geometries, and deep nesting, are refused before room is made for them', () => {
  let group: TestGroup;
  let peer: TestPeer;
  let liar: Liar;
  before(async () => {
    group = await TestGroup.start(1, { unguarded: true });
    peer = group.get(0);
    liar = await Liar.join(group, 'mallory');
  });
  after(async () => {
    liar.dispose();
    await group.dispose();
  });

  const header = (message: number, body: number): Uint8Array => {
    const [head = new Uint8Array(0)] = encodeFrame(FrameKind.request, 7);
    const view = new DataView(head.buffer);
    view.setUint32(8, message, true);
    view.setUint32(12, body, true);
    return head;
  };
  const stage = { ...samples.requests.stage };
  const headers: Readonly<Record<string, Uint8Array>> = {
    'a message of 4 GiB': header(0xffff_ffff, 0),
    'a message of one byte too many': header(admittedFrame.message + 1, 0),
    'a body of 4 GiB': header(2, 0xffff_ffff),
    'a body of one byte too many': header(2, admittedFrame.body + 1),
  };
  const messages: Readonly<Record<string, Uint8Array>> = {
    'a list of 4 billion': begun(0x9a, 0xff, 0xff, 0xff, 0xff),
    'a map of 2^53': begun(0xbb, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    'a byte string of 2 GiB': begun(0x5a, 0x7f, 0xff, 0xff, 0xff),
    'lists in lists, 100,000 deep': new Uint8Array(100_000).fill(0x81),
    'more values than a message has': encodeLoosely({
      ...samples.requests.hello,
      chain: new Array<number>(messageLimits.items).fill(0),
    }),
    'more holders than there can be': encodeLoosely({
      ...stage,
      holders: new Array<Uint8Array>(256).fill(new Uint8Array(32)),
    }),
    'a shard of number 255': encodeLoosely({ ...stage, shard: 255 }),
    'k of a million': encodeLoosely({ ...stage, geometry: { ...stage.geometry, k: 1_000_000 } }),
    'n of 256': encodeLoosely({ ...stage, geometry: { ...stage.geometry, k: 128, m: 128 } }),
    'pieces of 4 GiB': encodeLoosely({ ...stage, geometry: { ...stage.geometry, q: 2 ** 23 } }),
    'no geometry at all': encodeLoosely({ ...stage, geometry: { k: 0, m: 0, q: 0 } }),
  };

  it('the connection ends with a reason, and memory stays flat', async () => {
    const memory = (): number => resourcesOf(peer.pid)?.resident ?? 0;
    const before = memory();
    const frames = Object.entries(messages).map(
      ([name, message]) =>
        [name, Buffer.concat(encodeFrame(FrameKind.request, 7, message))] as const,
    );
    for (const [name, bytes] of [...Object.entries(headers), ...frames]) {
      const member = await enter(peer, liar);
      const words = await lastWords(member, ({ link }) => {
        link.write(bytes);
      });
      assert.ok(words === 'limit' || words === 'protocol', `${name}: ${words}`);
    }
    const grown = memory() - before;
    assert.ok(grown < flatMiB, `${grown.toFixed(0)} MiB more`);
  });

  it('a geometry that is well-formed and takes too much is refused, and the connection goes on', async () => {
    const connection = await liar.connect(peer);
    const { groupId } = liar.papers;
    const { shareId: share, random } = newShareId(groupId, liar.id);
    const geometry = { k: 1, m: 0, q: 1, segments: 2 ** 26, lastQ: 1 };
    await fails(
      connection.request({ t: 'stage', share, shard: 0, geometry, random, holders: [] }),
      'limit',
    );
    await connection.request({ t: 'contacts' });
    assert.equal((await (await peer.client()).request('status', null)).peersOnline, 1);
  });
});
