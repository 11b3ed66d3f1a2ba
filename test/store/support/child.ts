/**
 * A process to be killed: opens the store of a data directory and takes a share up to a step.
 * argv: data directory, worker, step (`written`, `receipted`, `committed`, `lock`, `state`, `large`, `fill`). Prints one
 * line of JSON when it is there, and then waits for its end.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { acquireLock } from '../../../src/store/lock.js';
import { openStore } from '../../../src/store/openStore.js';
import { PeerError } from '../../../src/common/errors.js';
import { makeShare } from './makeShare.js';
import { commitShard, sealShard, stageShard, writePieces } from './putShard.js';

const [dataDir = '', workerPath = '', step = ''] = process.argv.slice(2);

/** What nobody refers to may be collected, and the lock with it. */
const held: unknown[] = [];

async function run(): Promise<unknown> {
  const lock = acquireLock(dataDir);
  held.push(lock);
  if (step === 'lock') return { pid: process.pid, lock: typeof lock };
  const kernel = new WebAssembly.Module(
    new Uint8Array(readFileSync(path.resolve('dist/kernel.wasm'))),
  );
  const store = await openStore({ dataDir, workerPath, kernel });
  if (step === 'state') {
    await Promise.all([store.state.setSetting('kept', 'yes'), store.state.setSetting('b', 'c')]);
    void store.state.setSetting('lost', 'perhaps');
    return {};
  }
  if (step === 'fill') {
    // 1,000 values of 4 KiB: more than the limit of the process allows.
    for (let i = 0; i < 1000; i++) {
      await store.state.setSetting(`fill ${String(i)}`, 'x'.repeat(4096));
    }
    return {};
  }
  const share = makeShare(step === 'large' ? 2_000_000 : 20_000, 2, 1);
  if (step === 'large') await stageShard(store.shards, share, 0);
  if (step === 'written') {
    await stageShard(store.shards, share, 0);
    await writePieces(store.shards, share, 0, (segment) => segment > 0);
  } else if (step === 'receipted') await sealShard(store.shards, share, 0);
  else if (step === 'committed') await commitShard(store.shards, share, 0);
  return { shareId: share.shareId, root: Buffer.from(share.roots[0] ?? []).toString('hex') };
}

run().then(
  (answer) => {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    // Until it is killed.
    setInterval(() => undefined, 60_000);
  },
  (error: unknown) => {
    process.stdout.write(`${JSON.stringify({ error: PeerError.from(error).code })}\n`);
    process.exit(1);
  },
);
