import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertFails, getFile, mapOf, shareFile } from './results.js';
import { filesBelow, longestRun } from './scan.js';
import { decodeManifest } from '../../src/chunk/manifest.js';
import { openInfo } from '../../src/chunk/sealedInfo.js';
import { fromHex, toHex } from '../../src/common/bytes.js';
import type { ListedShare, PeerInfo, PeerStatus, ShareInfo } from '../../src/control/contract.js';
import { loadIdentity } from '../../src/net/identity.js';
import { encodeFrame, FrameKind } from '../../src/protocol/frame.js';
import { FrameDecoder } from '../../src/protocol/frameDecoder.js';
import { admittedFrame } from '../../src/protocol/limits.js';
import { decodeResponse, encodeMessage, type RequestMessage } from '../../src/protocol/messages.js';
import { decodeCommitFile } from '../../src/store/commitFile.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { offline } from '../support/offline.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { converse } from '../support/stranger.js';
import { waitFor } from '../support/waitFor.js';

describe('membership', function () {
  this.timeout(120_000);
  let group: TestGroup;
  before(async () => {
    group = await TestGroup.start(5);
  });
  after(async () => {
    await group.dispose();
  });

  const rowOf = async (peer: TestPeer, name: string): Promise<PeerInfo | undefined> => {
    const { peers } = await (await peer.client()).request('peers', null);
    return peers.find((row) => row.name === name);
  };
  const waitForState = async (peer: TestPeer, name: string, state: string): Promise<void> => {
    await waitFor(
      await peer.client(),
      async () => (await rowOf(peer, name))?.state === state,
      `${peer.name} to see ${name} as ${state}`,
    );
  };

  describe('of one who is removed', () => {
    let removed: TestPeer;
    let away: TestPeer;
    let old: ShareInfo;
    let theirs: ShareInfo;
    const chain: Uint8Array[] = [];
    before(async () => {
      removed = group.get(3);
      away = group.get(2);
      for (const name of ['old.bin', 'theirs.bin', 'new.bin']) {
        await writeRandomFile(join(group.filesDir, name), 120_000);
      }
      old = await shareFile(group.get(0), join(group.filesDir, 'old.bin'));
      theirs = await shareFile(removed, join(group.filesDir, 'theirs.bin'));
      await Promise.all([away.lists(theirs.shareId), group.get(4).lists(theirs.shareId)]);
      await away.stop();
      await group.get(0).ok(['remove', removed.name, '--yes']);
    });

    it('ends at once everywhere, and it is told so', async () => {
      for (const one of [0, 1, 4]) await waitForState(group.get(one), removed.name, 'removed');
      await waitFor(
        await removed.client(),
        async () => (await statusOf(removed)).self?.removed != null,
        'the removed one to know',
      );
      const { self, peersOnline } = await statusOf(removed);
      assert.match(self?.removed ?? '', /removed from its group by “alice”/);
      assert.equal(peersOnline, 0);
      // It keeps what it knows, and says why nothing else comes.
      const { events } = await removed.ok(['ls']);
      assert.ok(events.some(({ share }) => (share as ListedShare | undefined)?.name === 'old.bin'));
      const file = join(group.filesDir, 'new.bin');
      assertFails(await removed.cli(['share', file]), 6, 'not-trusted');
      assertFails(
        await removed.cli(['get', old.shareId, '-o', join(group.root, 'none')]),
        6,
        'not-trusted',
      );
    });

    it('is learned later by one who was away, and then by nobody is it answered', async () => {
      await away.serve();
      await waitForState(away, removed.name, 'removed');
      const { certificate, privateKey } = await loadIdentity(removed.dataDir);
      await removed.stop();
      await offline(removed, (membership) => {
        // What it could say of itself before it knew.
        for (const { body, bytes } of membership.roster.records) {
          if (body.t === 'genesis' || body.t === 'admit') chain.push(bytes);
        }
      });
      const { self } = await statusOf(group.get(0));
      const hello: RequestMessage = {
        ...{ t: 'hello', versions: [1, 1], group: fromHex(self?.groupId ?? ''), chain },
        ...{ addresses: ['127.0.0.1:1'], stays: false },
      };
      const sync: RequestMessage = { t: 'sync', epoch: null, after: 0, id: null, max: 100 };
      for (const one of [0, 1, 2, 4]) {
        const say = [hello, sync].flatMap((message, index) =>
          encodeFrame(FrameKind.request, index + 1, encodeMessage(message)),
        );
        const credentials = { cert: certificate, key: privateKey };
        const talk = await converse(group.get(one).address, { credentials, say });
        const [answer, ...more] = [...new FrameDecoder(admittedFrame).push(talk.received)];
        assert.equal(answer?.kind, FrameKind.response);
        assert.equal(decodeResponse('hello', answer.message, new Uint8Array()).t, 'removed');
        assert.ok(more.every(({ kind }) => kind === FrameKind.error));
      }
    });

    it('leaves what it shared readable by the others', async () => {
      for (const [one, share] of [
        [4, theirs],
        [2, old],
      ] as const) {
        const target = join(group.root, `left-${String(one)}`);
        await getFile(group.get(one), share.shareId, target);
        assert.equal(await sha256File(target), share.sha256);
      }
    });

    it('leaves it no key for what is shared from now on', async () => {
      const fresh = await shareFile(group.get(1), join(group.filesDir, 'new.bin'));
      const target = join(group.root, 'new-copy');
      await getFile(group.get(4), fresh.shareId, target);
      await offline(removed, (membership) => {
        const keys = [...membership.roster.epochs.all].map((name) => membership.epochKey(name));
        assert.ok(keys.length > 0);
        const opens = (share: ShareInfo): boolean => {
          const manifest = decodeManifest(manifestOf(group, share));
          return keys.some((key) => {
            try {
              return key !== undefined && openInfo(manifest, key).name.length > 0;
            } catch {
              return false;
            }
          });
        };
        assert.deepEqual([opens(old), opens(theirs), opens(fresh)], [true, true, false]);
      });
    });
  });

  describe('of one that only stores', () => {
    const name = 'plan-xochipilli-17.txt';
    let store: TestPeer;
    let share: ShareInfo;
    let content: Buffer;
    before(async () => {
      store = group.newcomer('nas');
      const code = await group.invite('--role', 'storage');
      await store.ok(['join', '-', '--name', 'nas'], { stdin: `${code}\n` });
      await store.serve();
      group.peers.push(store);
      await group.get(0).meets([store]);
      const source = join(group.filesDir, name);
      await writeRandomFile(source, 150_000);
      content = readFileSync(source);
      // One copy for each of the others: carol, bob, erin and the one that only stores.
      share = await shareFile(group.get(0), source, '--redundancy', 'copies:4');
      await store.lists(share.shareId);
    });

    it('lists, maps and verifies by id, without a name', async () => {
      const status = await statusOf(store);
      assert.deepEqual([status.self?.role, status.self?.removed], ['storage', null]);
      assert.equal((await rowOf(group.get(1), 'nas'))?.role, 'storage');
      const { events } = await store.ok(['ls']);
      const listed = events.flatMap((event) =>
        event.event === 'share' ? [event['share'] as ListedShare] : [],
      );
      assert.ok(listed.some(({ shareId }) => shareId === share.shareId));
      assert.ok(listed.every((row) => row.name === '' && row.size === 0));
      const map = await mapOf(store, share.shareId);
      assert.ok(map.runs.some((run) => run.name === 'nas'));
      const { last } = await store.ok(['verify', share.shareId]);
      assert.equal(last['ok'], true);
    });

    it('shares, gets and prints nothing, and says why', async () => {
      const file = join(group.filesDir, name);
      const target = join(group.root, 'from-nas');
      for (const args of [
        ['share', file],
        ['get', share.shareId, '-o', target],
        ['get', name, '-o', target],
        ['cat', share.shareId],
      ]) {
        const result = await store.cli(args);
        assertFails(result, 6, 'not-trusted');
        assert.match(String(result.last['message']), /stores for the group/);
      }
    });

    it('serves what it holds to those who have the key', async () => {
      const holders = group.peers.filter(({ running }) => running).slice(1);
      const others = holders.filter((peer) => peer !== store && peer !== group.get(4));
      await Promise.all(others.map((peer) => peer.stop()));
      const target = join(group.root, 'served');
      const got = await getFile(group.get(4), share.shareId, target);
      assert.equal(await sha256File(target), share.sha256);
      assert.ok(Object.keys(got.from).every((from) => ['nas', 'erin'].includes(from)));
      await Promise.all(others.map((peer) => peer.serve()));
    });

    it('has no key, and nothing that could be read on its disk', async () => {
      await store.stop();
      await offline(store, (membership) => {
        assert.deepEqual(membership.roster.grantsFor(membership.nodeId), []);
        for (const epoch of membership.roster.epochs.all) {
          assert.equal(membership.epochKey(epoch), undefined);
        }
      });
      const files = filesBelow(store.dataDir);
      assert.ok(files.some((file) => file.endsWith('.shard')));
      for (const file of files) {
        const bytes = readFileSync(file);
        for (const spelling of [name, 'xochipilli']) {
          assert.ok(!bytes.includes(spelling) && !file.includes(spelling), file);
          assert.ok(!bytes.includes(Buffer.from(spelling, 'utf16le')), file);
        }
        assert.ok(longestRun(content, bytes) < 32, file);
      }
    });
  });
});

async function statusOf(peer: TestPeer): Promise<PeerStatus> {
  return await (await peer.client()).request('status', null);
}

/** The signed manifest of a share, as it lies beside a shard of it. */
function manifestOf(group: TestGroup, { shareId }: ShareInfo): Uint8Array {
  const file = group.peers
    .flatMap((peer) => filesBelow(join(peer.dataDir, 'shards')))
    .find((path) => path.endsWith(`${shareId}.manifest`));
  assert.ok(file, `nobody has a manifest of ${shareId}`);
  const { manifest } = decodeCommitFile(readFileSync(file));
  assert.equal(toHex(decodeManifest(manifest).shareId), shareId);
  return manifest;
}
