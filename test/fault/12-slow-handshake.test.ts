import assert from 'node:assert/strict';
import { join } from 'node:path';
import { encodeFrame, FrameKind } from '../../src/protocol/frame.js';
import { connectionLimits, transportLimits } from '../../src/protocol/limits.js';
import { decodeError, encodeMessage } from '../../src/protocol/messages.js';
import { RawLink } from '../fuzz/live/rawLink.js';
import { requests } from '../protocol/samples.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { newStranger } from '../support/stranger.js';
import { getNow, shareNow } from './support/calls.js';

const { pending, pendingPerNetwork, tlsHandshakeMs } = transportLimits;
const { handshakeMs } = connectionLimits;
/** A busy machine is late. */
const lateMs = 4_000;
const dribbleMs = 500;

describe('fault 12: whoever is slow to say who it is has few places, and not for long', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let peer: TestPeer;

  before(async () => {
    group = await TestGroup.start(2);
    peer = group.get(0);
  });

  after(() => group.dispose());

  it('in silence, or a byte at a time, before TLS and after; members are served meanwhile', async () => {
    const source = join(group.filesDir, 'meanwhile.bin');
    await writeRandomFile(source, 100_000);
    const started = performance.now();
    const sinceStart = (): number => performance.now() - started;

    // With a key, and then a greeting that never ends; its place is taken by the address 127.0.0.1.
    const slow = await RawLink.tls(peer.address, '127.0.0.1', await newStranger());
    assert.ok(slow);
    const reasons: string[] = [];
    slow.onFrame = ({ kind, message }) => {
      if (kind === FrameKind.error) reasons.push(decodeError(message).code);
    };
    const hello = Buffer.concat(encodeFrame(FrameKind.request, 1, encodeMessage(requests.hello)));
    const dribble = dribbles(hello, (byte) => {
      slow.write(byte);
    });

    const waiting: RawLink[] = [];
    for (const address of ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5']) {
      for (let count = 0; count < pendingPerNetwork; count += 1) {
        waiting.push(await knock(peer.address, address));
      }
      const oneMore = await knock(peer.address, address);
      assert.ok(await oneMore.closedWithin(lateMs), 'an address has more places than it should');
    }
    const places = pending - 1; // the one with the greeting has one
    for (const one of waiting.slice(places)) assert.ok(await one.closedWithin(lateMs));
    const inside = waiting.slice(0, places);
    assert.ok(inside.every(({ isClosed }) => !isClosed));
    // Who is alone comes in all the same, in the place of the oldest of those that have many.
    const alone = await knock(peer.address, '127.0.0.6');
    assert.ok(await inside[0]?.closedWithin(lateMs));
    assert.ok(!alone.isClosed);
    alone.destroy();
    // Some of them begin, and do not end, what a client says first.
    const clientHello = Buffer.from('160301020001000001fc0303', 'hex');
    const slowlories = inside.slice(1, 6).map((one) =>
      dribbles(clientHello, (byte) => {
        one.write(byte);
      }),
    );

    const share = await shareNow(group.get(1), source, 'copies:1');
    const target = join(group.root, 'meanwhile');
    await getNow(group.get(1), share.shareId, target);
    assert.equal(await sha256File(target), await sha256File(source));
    assert.ok(sinceStart() < tlsHandshakeMs, 'this machine is too slow to tell');

    for (const one of inside) {
      assert.ok(await one.closedWithin(tlsHandshakeMs + lateMs - sinceStart()));
    }
    assert.ok(sinceStart() > tlsHandshakeMs - lateMs);
    for (const stop of slowlories) stop();
    // There is room again.
    const next = await RawLink.tls(peer.address, '127.0.0.2', await newStranger());
    assert.ok(next);
    next.destroy();

    assert.ok(await slow.closedWithin(handshakeMs + lateMs - sinceStart()));
    assert.deepEqual(reasons, ['timeout']);
    dribble();
  });
});

/** A connection that says nothing. */
async function knock(address: string, localAddress: string): Promise<RawLink> {
  return (await RawLink.tcp(address, localAddress)) ?? assert.fail('nobody listens');
}

/** Writes bytes one by one, slowly. @returns what stops it */
function dribbles(bytes: Buffer, write: (byte: Uint8Array) => void): () => void {
  let at = 0;
  const timer = setInterval(() => {
    write(bytes.subarray(at, at + 1));
    at += 1;
    if (at === bytes.byteLength - 1) clearInterval(timer);
  }, dribbleMs);
  return () => {
    clearInterval(timer);
  };
}
