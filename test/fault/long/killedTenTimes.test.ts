import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ControlClient, TransferInfo } from '../../../src/control/contract.js';
import { mapOf } from '../../e2e/results.js';
import { sha256File, writeRandomFile } from '../../support/files.js';
import { Namespace } from '../../support/namespace.js';
import { TestGroup, type TestPeer } from '../../support/peers.js';
import { isDone, untilTransfer } from '../../support/untilTransfer.js';

const size = Number(process.env['KILLED_MIB'] ?? '1024') << 20;
const kills = 10;
/** No kill after that: it is told a few times a second how far it is, and the rest is over before that. */
const lastMark = Math.floor(0.9 * size);
/** What a kill may cost in all: bytes on the wire beside those of a transfer that nobody interrupts. */
const mostExtra = 0.03;

describe('1 GiB, killed ten times at random', function () {
  this.timeout(30 * 60_000);
  let lan: Namespace;
  let group: TestGroup;

  before(async () => {
    lan = (await Namespace.open()) ?? assert.fail('No network namespace can be made here.');
    group = await TestGroup.start(6, { through: lan.through, unguarded: true });
  });

  after(async () => {
    await group.dispose();
    await lan.close();
  });

  /** Bytes that have crossed the one interface of the namespace: all that peers say to each other, with headers. */
  function onTheWire(): number {
    const [command = '', ...args] = lan.through;
    const text = execFileSync(command, [...args, 'cat', '/proc/net/dev'], { encoding: 'utf8' });
    const fields = /^\s*lo:\s*(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
    return Number(fields[8]);
  }

  async function wireOf(task: () => Promise<void>): Promise<number> {
    const before = onTheWire();
    await task();
    return onTheWire() - before;
  }

  type Request = (client: ControlClient, transferId: string) => Promise<unknown>;

  /** Runs a transfer to its end, killing its peer as often as it is told. */
  async function run(peer: TestPeer, request: Request, times: number): Promise<TransferInfo> {
    const transferId = randomUUID();
    request(await peer.client(), transferId).catch(() => undefined);
    const marks = Array.from({ length: times }, () => randomInt(lastMark)).sort((a, b) => a - b);
    for (const mark of marks) {
      const { state } = await until(peer, transferId, ({ bytesDone }) => bytesDone > mark);
      assert.notEqual(state, 'done', 'it was done before it could be killed');
      await peer.kill();
      await peer.serve();
    }
    return await until(peer, transferId, isDone);
  }

  const until = async (
    peer: TestPeer,
    transferId: string,
    isSo: (transfer: TransferInfo) => boolean,
  ): Promise<TransferInfo> =>
    await untilTransfer(await peer.client(), transferId, isSo, 10 * 60_000);

  function say(what: string, calm: number, killed: number): void {
    const extra = killed / calm - 1;
    console.log(
      `      ${what}: ${String(calm)} bytes on the wire undisturbed, ${String(killed)} with ${String(kills)} kills:` +
        ` ${(100 * extra).toFixed(2)}% more`,
    );
    assert.ok(extra < mostExtra, `${what}: ${(100 * extra).toFixed(2)}% more`);
  }

  it('is shared with less than 3% more on the wire, and fetched with less than 3% more', async () => {
    const [calm, killed] = [join(group.filesDir, 'calm'), join(group.filesDir, 'killed')];
    await writeRandomFile(calm, size);
    await writeRandomFile(killed, size);
    const author = group.get(1);
    const share =
      (file: string): Request =>
      (client, transferId) =>
        client.request('share', { transferId, path: file, redundancy: '2+2' });
    let shareId = '';
    const calmShare = await wireOf(async () => {
      await run(author, share(calm), 0);
    });
    const killedShare = await wireOf(async () => {
      shareId = (await run(author, share(killed), kills)).shareId ?? '';
    });

    const holders = new Set((await mapOf(author, shareId)).runs.map((run) => run.name));
    const getter = group.peers.find((peer) => peer !== author && !holders.has(peer.name));
    assert.ok(getter);
    await getter.lists(shareId);
    const get =
      (target: string): Request =>
      (client, transferId) =>
        client.request('get', { transferId, share: shareId, path: target });
    const [first, second] = [join(group.root, 'first'), join(group.root, 'second')];
    const calmGet = await wireOf(async () => {
      await run(getter, get(first), 0);
    });
    const killedGet = await wireOf(async () => {
      await run(getter, get(second), kills);
    });
    const digest = await sha256File(killed);
    assert.deepEqual(await Promise.all([first, second].map(sha256File)), [digest, digest]);
    say('share', calmShare, killedShare);
    say('get', calmGet, killedGet);
  });
});
