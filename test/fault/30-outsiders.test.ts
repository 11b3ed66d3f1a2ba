import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fromHex, toHex } from '../../src/common/bytes.js';
import type { ShareInfo } from '../../src/control/contract.js';
import { Pen } from '../../src/peer/membership/pen.js';
import { encodeFrame, FrameKind } from '../../src/protocol/frame.js';
import { FrameDecoder } from '../../src/protocol/frameDecoder.js';
import { admittedFrame } from '../../src/protocol/limits.js';
import { decodeError, decodeResponse, encodeMessage } from '../../src/protocol/messages.js';
import type { RequestMessage } from '../../src/protocol/messages.js';
import { assertFails } from '../e2e/results.js';
import { writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import {
  converse,
  Impostor,
  newStranger,
  type Conversation,
  type ConversationOptions,
  type Credentials,
} from '../support/stranger.js';
import { Liar } from './support/liar.js';
import { sees } from './support/look.js';
import { shareNow } from './support/calls.js';

describe('fault 30: whoever does not belong is refused before anything of the group is answered', () => {
  let group: TestGroup;
  let peer: TestPeer;
  let secret: ShareInfo;
  let removed: Liar;
  before(async () => {
    group = await TestGroup.start(3);
    peer = group.get(1);
    const file = join(group.filesDir, 'a file');
    await writeRandomFile(file, 100_000);
    secret = await shareNow(group.get(0), file);
    await peer.lists(secret.shareId);
    removed = await Liar.join(group, 'mallory', 'admin');
    await removed.visit(peer);
    removed.dispose();
    await group.get(0).ok(['remove', 'mallory', '--yes']);
    await sees(peer, 'mallory', 'removed');
  });
  after(() => group.dispose());

  const hello = (chain: readonly Uint8Array[]): RequestMessage => ({
    ...{ t: 'hello', versions: [1, 1], group: removed.papers.groupId, chain: [...chain] },
    ...{ addresses: ['127.0.0.1:1'], stays: true },
  });
  /** A greeting, and what a member would ask next. */
  const talk = (chain: readonly Uint8Array[]): Uint8Array[] => {
    const asks: RequestMessage[] = [
      hello(chain),
      { t: 'sync', epoch: null, after: 0, id: null, max: 100 },
      { t: 'piece', share: fromHex(secret.shareId), shard: 0, segment: 0 },
      { t: 'contacts' },
    ];
    return asks.flatMap((ask, at) => encodeFrame(FrameKind.request, at + 1, encodeMessage(ask)));
  };
  const ask = (options: ConversationOptions) => converse(peer.address, options);
  /** Nothing came but a refusal, or for somebody who was a member the records that tell why. */
  const assertRefused = ({ received }: Conversation, knows = false): void => {
    for (const frame of new FrameDecoder(admittedFrame).push(received)) {
      if (knows && frame.kind === FrameKind.response) {
        const answer = decodeResponse('hello', frame.message, frame.body.bytes);
        assert.equal(answer.t, 'removed');
        continue;
      }
      assert.equal(frame.kind, FrameKind.error);
      const { code } = decodeError(frame.message);
      assert.ok(['not-trusted', 'protocol', 'unsupported'].includes(code), code);
    }
  };
  const credentialsOf = ({ identity }: Liar): Credentials => ({
    cert: identity.certificate,
    key: identity.privateKey,
  });

  it('a peer outside the roster, whatever chain it shows', async () => {
    const credentials = await newStranger();
    for (const chain of [[], removed.papers.chain]) {
      const answer = await ask({ credentials, say: talk(chain) });
      assert.ok(answer.secured);
      assertRefused(answer);
    }
  });

  it('a member that was removed, and one that it admits afterwards', async () => {
    const credentials = credentialsOf(removed);
    assertRefused(await ask({ credentials, say: talk(removed.papers.chain) }), true);
    const stranger = group.newcomer('accomplice');
    await stranger.ok(['init', '--name', 'accomplice', '--group', 'their own']);
    const guest = await Liar.of(stranger);
    const { nodeId, spki, ecdhPublic } = guest.identity;
    const groupId = toHex(removed.papers.groupId);
    const pen = new Pen(removed.identity, groupId, { seq: 0, prev: null });
    pen.admit({ name: 'accomplice', spki, ecdh: ecdhPublic }, 'member');
    const chain = [...removed.papers.chain, ...pen.written.map(({ bytes }) => bytes)];
    assertRefused(await ask({ credentials: credentialsOf(guest), say: talk(chain) }), true);
    const { peers } = await (await peer.client()).request('peers', null);
    assert.ok(peers.every((row) => row.nodeId !== nodeId));
  });

  it('one who resumes a TLS session without a key', async () => {
    const first = await ask({ credentials: await newStranger(), say: talk([]) });
    const sessions = [...first.tickets, first.session].filter((session) => session !== undefined);
    assert.ok(sessions.length > 0);
    for (const session of sessions) {
      assertRefused(await ask({ session, say: talk(removed.papers.chain) }));
    }
  });

  it('a stranger at the address of a member: it gets not one byte', async () => {
    const away = group.get(2);
    const { address } = away;
    await away.kill();
    const impostor = new Impostor(await newStranger());
    await impostor.listen(address);
    try {
      await (await peer.client()).request('connect', null);
      await impostor.visited();
      assert.equal(impostor.bytes, 0);
      await sees(peer, away.name, 'blocked');
    } finally {
      await impostor.close();
      await away.serve();
    }
  });

  it('one with an invite that was used, or has expired', async () => {
    const expiring = await group.invite('--valid', '1s');
    const expired = new Promise((resolve) => setTimeout(resolve, 1100)); // time itself is waited for
    const used = await group.invite();
    await group.newcomer('first').ok(['join', '-', '--name', 'first'], { stdin: used });
    await expired;
    for (const [at, code] of [used, expiring].entries()) {
      const joiner = group.newcomer(`late ${String(at)}`);
      const result = await joiner.cli(['join', '-', '--name', 'late'], { stdin: code });
      assertFails(result, 6, 'invite-invalid');
    }
    const { peers } = await (await peer.client()).request('peers', null);
    assert.ok(peers.every(({ name }) => name !== 'late'));
  });
});
