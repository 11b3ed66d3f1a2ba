import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fromHex, toHex } from '../../src/common/bytes.js';
import { connectionLimits } from '../../src/protocol/limits.js';
import type { RequestMessage } from '../../src/protocol/messages.js';
import type { HostileMember } from '../fuzz/live/hostileMember.js';
import { resourcesOf } from '../fuzz/live/resources.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { enter, lastWords } from './support/lastWords.js';
import { Liar } from './support/liar.js';
import { deadlineMs } from './support/look.js';
import { get, shareNow } from './support/calls.js';

const mostOpen = connectionLimits.requests;
/** What may be under way to members that read nothing, MiB each. */
const eachMiB = 32;
/** Longest time in which anybody else is served, on a busy machine. */
const servedMs = 15_000;

describe('fault 25: endless wants are bounded member by member, and forgotten when it goes away', () => {
  let group: TestGroup;
  let holder: TestPeer;
  let greedy: Liar[];
  let shareId: Uint8Array;
  let sha256: string;
  before(async () => {
    group = await TestGroup.start(2, { unguarded: true });
    holder = group.get(1);
    const file = join(group.filesDir, 'a file');
    await writeRandomFile(file, 8_000_000);
    // All of it lies with the one that is attacked.
    const made = await shareNow(group.get(0), file, 'copies:1');
    shareId = fromHex(made.shareId);
    sha256 = made.sha256;
    greedy = [await Liar.join(group, 'mallory'), await Liar.join(group, 'trudy')];
  });
  after(async () => {
    await group.dispose();
  });

  const wants = (member: HostileMember, count: number): void => {
    for (let i = 0; i < count; i++) {
      const segment = i % 4;
      const want: RequestMessage[] = [
        { t: 'piece', share: shareId, shard: 0, segment },
        { t: 'sync', id: null, epoch: null, after: 0, max: 1024 },
        { t: 'verify', share: shareId, shard: 0 },
      ];
      member.ask(want[i % want.length] ?? { t: 'contacts' });
    }
  };

  const fetched = async (): Promise<void> => {
    const target = join(group.root, 'fetched');
    await get(group.get(0), toHex(shareId), target, { overwrite: true });
    assert.equal(await sha256File(target), sha256);
  };

  it('one that has more open than are taken is cut off', async () => {
    const [liar = assert.fail()] = greedy;
    const member = await enter(holder, liar);
    assert.equal(
      await lastWords(member, () => {
        wants(member, 5 * mostOpen);
      }),
      'limit',
    );
  });

  it('those who keep to that and read nothing take no more than their part, and others are served', async () => {
    const before = resourcesOf(holder.pid);
    const members = await Promise.all(greedy.map((liar) => enter(holder, liar)));
    const connected = resourcesOf(holder.pid);
    // A newcomer is heard out once, for 15 seconds at most, before anybody is given pieces.
    await fetched();
    for (const member of members) {
      member.link.stopReading();
      wants(member, mostOpen - 4);
    }
    const started = performance.now();
    await fetched();
    assert.ok(performance.now() - started < servedMs);
    const during = resourcesOf(holder.pid);
    for (const member of members) member.link.destroy();
    if (before === null || connected === null || during === null) return; // not told by this system
    const grown = during.resident - before.resident;
    assert.ok(grown < 60 + eachMiB * members.length, `${grown.toFixed(0)} MiB more`);
    await holder.until(
      () => (resourcesOf(holder.pid)?.files ?? 0) < connected.files,
      'closes their connections',
      deadlineMs,
    );
    const { peersOnline } = await (await holder.client()).request('status', null);
    assert.equal(peersOnline, 1);
  });

  it('the place of one that left is free: it is served like anybody when it comes back', async () => {
    const [liar = assert.fail()] = greedy;
    const connection = await liar.connect(holder);
    const { body } = await connection.request({ t: 'piece', share: shareId, shard: 0, segment: 0 });
    assert.ok(body.bytes.byteLength > 0);
    liar.dispose();
  });
});
