import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { listedNames } from '../e2e/results.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { isDone, untilTransfer } from '../support/untilTransfer.js';
import { get } from './support/calls.js';

const size = 48 << 20;
const pieceBytes = 512;
const prologue = 512;
const headerBytes = 16;
const nonceBytes = 12;

describe('fault 05: a resumed or restored upload never seals another plaintext under a nonce that was used', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let author: TestPeer;

  before(async () => {
    group = await TestGroup.start(5);
    author = group.get(1);
  });
  after(() => group.dispose());

  /**
   * Every chunk in the shard files of all peers, by what it starts with after its header. A segment starts with its nonce,
   * and what follows of its first chunk tells plaintexts apart: the same start with another end would be a nonce used twice.
   */
  function chunksOnDisks(): Map<string, Set<string>> {
    const found = new Map<string, Set<string>>();
    for (const peer of group.peers) {
      for (const folder of ['shards', 'staging']) {
        for (const entry of readdirSync(join(peer.dataDir, folder), { recursive: true })) {
          if (!String(entry).endsWith('.0.shard')) continue; // the first data shard has the nonces
          const bytes = readFileSync(join(peer.dataDir, folder, String(entry)));
          for (let at = prologue; at + pieceBytes <= bytes.byteLength; at += pieceBytes) {
            const payload = bytes.subarray(at + headerBytes, at + pieceBytes);
            if (payload.every((byte) => byte === 0)) continue; // not written yet
            const nonce = payload.subarray(0, nonceBytes).toString('hex');
            const rest = found.get(nonce) ?? new Set();
            found.set(nonce, rest.add(payload.subarray(nonceBytes).toString('hex')));
          }
        }
      }
    }
    return found;
  }

  function merge(into: Map<string, Set<string>>, more: Map<string, Set<string>>): void {
    for (const [nonce, rests] of more) {
      const known = into.get(nonce) ?? new Set();
      for (const rest of rests) known.add(rest);
      into.set(nonce, known);
    }
  }

  /** Shares a file and kills the author on the way; what it had by then lies in `backup`. @returns the transfer */
  async function killedOnTheWay(file: string, backup: string): Promise<string> {
    const transferId = randomUUID();
    const client = await author.client();
    client.request('share', { transferId, path: file, redundancy: '2+2' }).catch(() => undefined); // the peer ends before it answers
    await untilTransfer(client, transferId, ({ bytesDone }) => bytesDone > size / 4);
    await author.kill();
    cpSync(author.dataDir, backup, { recursive: true });
    return transferId;
  }

  async function done(transferId: string): Promise<string> {
    return (
      (await untilTransfer(await author.client(), transferId, isDone, 60_000)).shareId ??
      assert.fail()
    );
  }

  async function isRight(shareId: string, file: string): Promise<void> {
    const reader = group.get(0);
    await reader.lists(shareId);
    const target = join(group.root, `got ${shareId}`);
    await get(reader, shareId, target);
    assert.equal(await sha256File(target), await sha256File(file));
  }

  it('goes on with the same bytes; is begun anew when the source is another one; and has one end, restored or not', async () => {
    const file = join(group.filesDir, 'source.bin');
    await writeRandomFile(file, size);
    const backup = join(group.root, 'backup');
    const transferId = await killedOnTheWay(file, backup);
    const seen = chunksOnDisks();
    assert.ok(seen.size > 100);

    // Another file of the same size under the name: nothing of it may be sealed as the first was.
    const first = join(group.filesDir, 'first.bin');
    await rename(file, first);
    await writeRandomFile(file, size);
    await author.serve();
    const anew = await done(transferId);
    await isRight(anew, file);
    merge(seen, chunksOnDisks());

    // The author's disk is lost, and what is restored knows nothing of that: it goes on, with the first file this time.
    await author.kill();
    rmSync(author.dataDir, { recursive: true });
    cpSync(backup, author.dataDir, { recursive: true });
    await rename(file, join(group.filesDir, 'second.bin'));
    await rename(first, file);
    await author.serve();
    const again = await done(transferId);
    assert.notEqual(again, anew);
    await isRight(again, file);
    merge(seen, chunksOnDisks());

    // Restored once more, it learns that the share is done, and does not seal it another time.
    await author.kill();
    rmSync(author.dataDir, { recursive: true });
    cpSync(backup, author.dataDir, { recursive: true });
    await author.serve();
    assert.equal(await done(transferId), again);
    merge(seen, chunksOnDisks());
    const names = await listedNames(group.get(0));
    assert.equal(names.filter((name) => name === 'source.bin').length, 1);

    const twice = [...seen.values()].filter((rests) => rests.size > 1);
    assert.equal(twice.length, 0, `${String(twice.length)} of ${String(seen.size)}`);
  });
});
