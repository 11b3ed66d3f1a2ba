import assert from 'node:assert/strict';
import { join } from 'node:path';
import { getFile, mapOf, shareFile } from '../../e2e/results.js';
import { sha256File, writeRandomFile } from '../../support/files.js';
import { TestGroup } from '../../support/peers.js';
import { Lan } from '../support/network.js';

const size = 256 << 20;
const rounds = 3;
/** 100 KB a second. */
const trickle = { kbit: 800, queueMs: 1_000 };
/** How much longer a download may take beside one that knows that the two are away. */
const mostTimes = 1.5;

describe('one holder that trickles and one that is frozen', function () {
  this.timeout(10 * 60_000);
  let lan: Lan;
  let group: TestGroup;

  before(async () => {
    lan = await Lan.open(6);
    group = await TestGroup.start(6, { unguarded: true }, (index) => lan.place(index));
  });

  after(async () => {
    await group.dispose();
    await lan.close();
  });

  it('hold a download of 256 MiB up by less than half of the time that it takes without them', async () => {
    const source = join(group.filesDir, 'large.bin');
    await writeRandomFile(source, size);
    const digest = await sha256File(source);
    const share = await shareFile(group.get(0), source, '--redundancy', '2+2');
    const holders = new Set((await mapOf(group.get(0), share.shareId)).runs.map((run) => run.name));
    const getter = group.peers.find((peer) => !holders.has(peer.name) && peer !== group.get(0));
    assert.ok(getter);
    await getter.lists(share.shareId);
    // Data shards, which are asked for first.
    const { runs } = await mapOf(getter, share.shareId);
    const [slow, frozen] = [0, 1].map((shard) => {
      const name = runs.find((run) => run.shard === shard)?.name;
      return group.peers.find((peer) => peer.name === name) ?? assert.fail();
    });
    assert.ok(slow && frozen);
    let count = 0;
    const seconds = async (): Promise<number> => {
      const target = join(group.root, `got ${String((count += 1))}`);
      const started = performance.now();
      await getFile(getter, share.shareId, target);
      const taken = (performance.now() - started) / 1000;
      assert.equal(await sha256File(target), digest);
      return taken;
    };
    const [without, withBoth]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all([slow.kill(), frozen.kill()]);
      without.push(await seconds());
      await Promise.all([slow.serve(), frozen.serve()]);
      await group.meet();
      await lan.slow(group.peers.indexOf(slow), trickle);
      frozen.signal('SIGSTOP');
      withBoth.push(await seconds());
      frozen.signal('SIGCONT');
      await lan.fast(group.peers.indexOf(slow));
    }
    const times = median(withBoth) / median(without);
    console.log(
      `      without the two ${without.map(short).join(', ')} s; with them ${withBoth.map(short).join(', ')} s;` +
        ` medians ${short(times)} times`,
    );
    assert.ok(times <= mostTimes, `${short(times)} times`);
  });
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function short(value: number): string {
  return value.toFixed(2);
}
