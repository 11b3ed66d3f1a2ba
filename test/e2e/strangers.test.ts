import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { restoreGroup, sixPeers } from './group.js';
import { assertFails, getFile, shareFile } from './results.js';
import { fromHex } from '../../src/common/bytes.js';
import type { PeerInfo, ShareInfo, SelfInfo } from '../../src/control/contract.js';
import { encodeFrame, FrameKind } from '../../src/protocol/frame.js';
import { FrameDecoder } from '../../src/protocol/frameDecoder.js';
import { admittedFrame } from '../../src/protocol/limits.js';
import { decodeError, encodeMessage, type RequestMessage } from '../../src/protocol/messages.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import type { TestGroup } from '../support/peers.js';
import { converse, Impostor, newStranger, type Conversation } from '../support/stranger.js';
import { waitFor } from '../support/waitFor.js';

describe('somebody who does not belong', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let share: ShareInfo;
  let self: SelfInfo;

  before(async () => {
    group = await sixPeers();
    const source = join(group.filesDir, 'secret.bin');
    await writeRandomFile(source, 100_000);
    share = await shareFile(group.get(0), source);
    const status = await (await group.get(0).client()).request('status', null);
    assert.ok(status.self);
    self = status.self;
  });

  afterEach('everybody goes on serving', async () => {
    await restoreGroup();
    const target = join(group.root, 'still-served');
    const got = await getFile(group.get(5), share.shareId, target, '--force');
    assert.equal(await sha256File(target), got.sha256);
  });

  it('with a valid certificate and no invite is refused, whatever it asks', async () => {
    const credentials = await newStranger();
    const asked = questions(self, share).map(async (message) => {
      const talk = await converse(group.get(0).address, { credentials, say: say(message) });
      assert.ok(talk.secured);
      assertOnlyRefused(talk, message.t);
    });
    await Promise.all(asked);
  });

  it('that says garbage is hung up on without a word of the group', async () => {
    const credentials = await newStranger();
    const [garbage, empty] = await Promise.all([
      converse(group.get(1).address, { credentials, say: [randomBytes(300_000)] }),
      converse(group.get(2).address, { credentials, say: [Buffer.alloc(1000)] }),
    ]);
    assertOnlyRefused(garbage, 'garbage');
    assertOnlyRefused(empty, 'zeros');
  });

  it('without a certificate, or with TLS 1.2, gets nothing at all', async () => {
    const old = await converse(group.get(0).address, {
      credentials: await newStranger(),
      maxVersion: 'TLSv1.2',
      say: say(hello(self)),
    });
    assert.deepEqual([old.secured, old.received.length], [false, 0]);
    const bare = await converse(group.get(0).address, { say: say(hello(self)) });
    assertOnlyRefused(bare, 'no certificate');
  });

  it('that resumes a TLS session, without a certificate, is refused', async () => {
    const first = await converse(group.get(0).address, {
      credentials: await newStranger(),
      say: say(hello(self)),
    });
    const sessions = [...first.tickets, first.session].filter((session) => session !== undefined);
    assert.ok(sessions.length > 0);
    for (const session of sessions) {
      const second = await converse(group.get(0).address, { session, say: say(hello(self)) });
      assertOnlyRefused(second, 'a resumed session');
    }
  });

  it('with an invite that was used gets exit 6, and its own peer nothing', async () => {
    const code = await group.invite();
    const first = group.newcomer('first');
    await first.ok(['join', '-', '--name', 'first'], { stdin: code });
    const second = group.newcomer('second');
    assertFails(
      await second.cli(['join', '-', '--name', 'second'], { stdin: code }),
      6,
      'invite-invalid',
    );
    const { events } = await group.get(0).ok(['peers']);
    const names = (events.at(-1)?.['peers'] as PeerInfo[]).map((peer) => peer.name);
    assert.ok(names.includes('first'));
    assert.ok(!names.includes('second'));
  });

  it('with an expired, a changed or a made-up invite gets exit 6', async () => {
    const code = await group.invite('--valid', '1s');
    const changed = await group.invite();
    const middle = Math.floor(changed.length / 2);
    const wrong = `${changed.slice(0, middle)}${changed[middle] === 'A' ? 'B' : 'A'}${changed.slice(middle + 1)}`;
    await new Promise((resolve) => setTimeout(resolve, 1100)); // what is waited for is time itself
    for (const invite of [code, wrong, 'hello', changed.slice(0, -8)]) {
      const joiner = group.newcomer(`joiner-${randomBytes(4).toString('hex')}`);
      const result = await joiner.cli(['join', '-', '--name', 'joiner'], { stdin: invite });
      assertFails(result, 6, String(result.last['code']));
      assert.match(String(result.last['code']), /^(?:invite-invalid|not-trusted)$/);
      assert.ok(String(result.last['hint']).length > 5);
    }
  });

  it('at the address of a member receives not one byte, and is shown as blocked', async () => {
    const victim = group.get(4);
    const { address } = victim;
    await victim.kill();
    const impostor = new Impostor(await newStranger());
    await impostor.listen(address);
    try {
      const client = await group.get(0).client();
      await client.request('connect', null);
      await impostor.visited();
      await waitFor(
        client,
        async () => {
          const { peers } = await client.request('peers', null);
          return peers.find((peer) => peer.name === victim.name)?.state === 'blocked';
        },
        'the impostor to be noticed',
      );
      assert.ok(impostor.visits > 0);
      assert.equal(impostor.bytes, 0);
    } finally {
      await impostor.close();
    }
  });
});

function hello(self: SelfInfo): RequestMessage {
  return {
    t: 'hello',
    versions: [1, 1],
    group: fromHex(self.groupId),
    chain: [],
    addresses: ['127.0.0.1:1'],
    stays: false,
  };
}

/** What a stranger might try, each as the first thing it says. */
function questions(self: SelfInfo, share: ShareInfo): readonly RequestMessage[] {
  const id = fromHex(share.shareId);
  return [
    hello(self),
    { ...hello(self), group: randomBytes(32) } as RequestMessage,
    { t: 'redeem', token: randomBytes(16), name: 'mallory', ecdh: new Uint8Array(65).fill(4) },
    { t: 'ping' },
    { t: 'sync', epoch: null, after: 0, id: null, max: 100 },
    { t: 'piece', share: id, shard: 0, segment: 0 },
    { t: 'hashes', share: id, shard: 0, page: 0 },
    { t: 'verify', share: id, shard: 0 },
    { t: 'abort', share: id, shard: 0 },
  ];
}

function say(message: RequestMessage): Uint8Array[] {
  return encodeFrame(FrameKind.request, 1, encodeMessage(message));
}

/** At most one error frame came, which tells that the stranger is refused, and nothing else. */
function assertOnlyRefused(talk: Conversation, what: string): void {
  const frames = [...new FrameDecoder(admittedFrame).push(talk.received)];
  assert.ok(frames.length <= 2, what);
  for (const frame of frames) {
    assert.equal(frame.kind, FrameKind.error, what);
    assert.ok(frame.message.length < 200, what);
    const { code } = decodeError(frame.message);
    const refusals = [
      'not-trusted',
      'protocol',
      'limit',
      'invite-invalid',
      'unsupported',
      'timeout',
    ];
    assert.ok(refusals.includes(code), `${what}: ${code}`);
  }
}
