import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assertFails, getFile, mapOf, shareFile } from './results.js';
import { filesBelow } from './scan.js';
import type { ShareInfo } from '../../src/control/contract.js';
import { isUnderWay, summary, type CliResult } from '../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { addUptime } from '../support/uptime.js';

const weekMs = 7 * 24 * 60 * 60 * 1000;

describe('deletion', function () {
  this.timeout(120_000);
  let group: TestGroup;

  before(async () => {
    group = await TestGroup.start(5);
  });

  after(async () => {
    await group.dispose();
  });

  afterEach(async () => {
    await Promise.all(group.peers.filter((peer) => !peer.running).map((peer) => peer.serve()));
    await group.meet();
  });

  const newFile = async (name: string, size = 2_000_000): Promise<string> => {
    const file = join(group.filesDir, name);
    await writeRandomFile(file, size);
    return file;
  };
  const holderOf = async (share: ShareInfo): Promise<TestPeer> => {
    const { runs } = await mapOf(group.get(0), share.shareId);
    const holder = group.peers.find(
      (peer) => peer !== group.get(0) && runs.some(({ name }) => name === peer.name),
    );
    return holder ?? assert.fail('nobody else holds it');
  };

  it('is heard of by all, who serve and list nothing of it any more', async () => {
    const share = await shareFile(group.get(1), await newFile('gone.bin'));
    for (const peer of group.peers) await peer.lists(share.shareId);
    const holders = group.peers.filter((peer) => shardFiles(peer, share).length > 0);
    assert.equal(holders.length, 4);

    const refused = await group.get(2).cli(['rm', 'gone.bin', '--yes']);
    assertFails(refused, 6, 'not-trusted');
    assert.match(String(refused.last['hint']), /bob/);
    assertFails(await group.get(1).cli(['rm', 'gone.bin']), 2, 'usage');

    const { last } = await group.get(1).ok(['rm', 'gone.bin', '--yes']);
    assert.deepEqual(last['deleted'], [share.shareId]);
    for (const peer of group.peers) {
      await peer.forgets(share.shareId);
      for (const verb of ['get', 'verify', 'map', 'cat']) {
        assertFails(await peer.cli([verb, share.shareId]), 3, 'not-found');
      }
    }
    for (const peer of holders) await hides(peer, share);
    assertFails(await group.get(1).cli(['rm', share.shareId, '--yes']), 3, 'not-found');
  });

  it('by an admin counts as well', async () => {
    const share = await shareFile(group.get(3), await newFile('of somebody else.bin'));
    await group.get(0).lists(share.shareId);
    await group.get(0).ok(['rm', share.shareId, '--yes']);
    for (const peer of group.peers) await peer.forgets(share.shareId);
  });

  it('while a holder is away is heard of when it returns, and its space comes back in time', async () => {
    const share = await shareFile(group.get(0), await newFile('away.bin'));
    const away = await holderOf(share);
    await away.stop();
    await group.get(0).ok(['rm', 'away.bin', '--yes']);
    assert.equal(shardFiles(away, share).length, 2);
    await away.serve();
    await away.forgets(share.shareId);
    await hides(away, share);
    const held = await storedBytes(away);
    assert.ok(held > 0);

    // A week of running later.
    await away.stop();
    addUptime(away, weekMs);
    await away.serve();
    await away.until(() => shardFiles(away, share).length === 0, 'frees its space');
    assert.ok((await storedBytes(away)) < held);
    await away.forgets(share.shareId);
  });

  it('ends a download that runs, with a clear word or with the file', async () => {
    const source = await newFile('fetched.bin', 96 << 20);
    const share = await shareFile(group.get(0), source);
    const getter = group.get(4);
    await getter.lists(share.shareId);
    const target = join(group.root, 'fetched');
    let deleted: Promise<CliResult> | undefined;
    const result = await getter.cli(['get', share.shareId, '-o', target], {
      onEvent: (event) => {
        if (isUnderWay(event)) deleted ??= group.get(0).cli(['rm', share.shareId, '--yes']);
      },
    });
    assert.ok(deleted, summary(result));
    assert.equal((await deleted).code, 0);
    if (result.code === 0) assert.equal(await sha256File(target), await sha256File(source));
    else {
      assertFails(result, 3, 'not-found');
      assert.match(String(result.last['message']), /deleted/);
      assert.deepEqual(
        filesBelow(group.root).filter((file) => file.includes('fetched') && !file.includes('.bin')),
        [],
      );
    }
    for (const peer of group.peers) await peer.forgets(share.shareId);
  });

  it('leaves versions of a file that are few and young, and takes the others', async () => {
    const sharer = group.get(2);
    const source = await newFile('report.bin', 100_000);
    const versions: ShareInfo[] = [];
    const sums: string[] = [];
    for (let version = 0; version < 7; version++) {
      await appendFile(source, `version ${String(version)}`);
      versions.unshift(await shareFile(sharer, source));
      sums.unshift(await sha256File(source));
    }
    const reader = group.get(3);
    await reader.lists(versions[0]?.shareId ?? '');
    for (const old of versions.slice(5)) await reader.forgets(old.shareId);
    const listed = async (...args: readonly string[]): Promise<unknown[]> =>
      (await reader.ok(['ls', ...args])).events
        .filter(({ event }) => event === 'share')
        .map((event) => event['share'] as ShareInfo)
        .filter(({ name }) => name === 'report.bin')
        .map(({ shareId }) => shareId);
    const kept = versions.slice(0, 5).map(({ shareId }) => shareId);
    assert.deepEqual(await listed(), kept.slice(0, 1));
    assert.deepEqual(await listed('--versions', 'report.bin'), kept);
    assert.deepEqual(new Set(await listed('--versions')), new Set(kept));

    for (const [wanted, sum] of [
      ['2', sums[2]],
      [kept[4]?.slice(0, 8) ?? '', sums[4]],
    ] as const) {
      const target = join(group.root, `report ${wanted}`);
      await getFile(reader, 'report.bin', target, '--version', wanted);
      assert.equal(await sha256File(target), sum);
    }
    assertFails(await reader.cli(['get', 'report.bin', '--version', '5']), 3, 'not-found');

    // One version by its id, the rest by the name.
    await sharer.ok(['rm', kept[0] ?? '', '--yes']);
    await reader.forgets(kept[0] ?? '');
    assert.deepEqual(await listed(), kept.slice(1, 2));
    await sharer.ok(['rm', 'report.bin', '--yes']);
    for (const old of versions) await reader.forgets(old.shareId);
    assert.deepEqual(await listed('--versions'), []);
  });

  it('is not needed where a holder lends no more: the share goes elsewhere', async () => {
    const full = group.get(1);
    await full.stop();
    await full.serve('--lend', '0');
    await group.meet();
    for (const name of ['first', 'second', 'third']) {
      const share = await shareFile(group.get(0), await newFile(name), '--redundancy', '2+1');
      assert.deepEqual(share.holders.map(({ name: holder }) => holder).sort(), [
        'carol',
        'dave',
        'erin',
      ]);
      assert.deepEqual(shardFiles(full, share), []);
    }
    const { last } = await group.get(0).ok(['peers']);
    const peers = last['peers'] as { name: string; space: { lends: number | null } | null }[];
    assert.equal(peers.find(({ name }) => name === full.name)?.space?.lends, 0);
    assert.equal(peers.find(({ name }) => name === 'carol')?.space?.lends, null);
    const status = await full.ok(['status']);
    assert.deepEqual((status.last['status'] as { space: { lends: number } }).space.lends, 0);
    await full.stop();
    await full.serve('--lend', 'unlimited');
  });
});

/** Waits until nothing on the disk of a peer lets it serve a share. */
async function hides(peer: TestPeer, share: ShareInfo): Promise<void> {
  await peer.until(() => commitFiles(peer, share).length === 0, 'serves it no more');
}

function commitFiles(peer: TestPeer, { shareId }: ShareInfo): string[] {
  return filesBelow(join(peer.dataDir, 'shards')).filter((file) =>
    file.endsWith(`${shareId}.manifest`),
  );
}

/** Shards and their hashes. */
function shardFiles(peer: TestPeer, { shareId }: ShareInfo): string[] {
  return filesBelow(join(peer.dataDir, 'shards')).filter((file) => {
    if (!file.includes(shareId) || !/\.(shard|hashes)$/.test(file)) return false;
    // It may be deleted in this very moment.
    return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
  });
}

async function storedBytes(peer: TestPeer): Promise<number> {
  return (await (await peer.client()).request('status', null)).storedBytes;
}
