import { StoreFixture } from './store/support/storeFixture.js';
import { PeerFixture } from './peer/support/peerFixture.js';
import { Worker } from 'node:worker_threads';
import { readFileSync } from 'node:fs';
async function m(label: string, n: number, f: () => Promise<unknown>): Promise<void> {
  const c0 = process.cpuUsage(); const t0 = performance.now();
  for (let i = 0; i < n; i++) await f();
  const c = process.cpuUsage(c0);
  console.log(label, ((c.user + c.system) / 1e3 / n).toFixed(1), 'ms cpu each', ((performance.now() - t0) / n).toFixed(1), 'wall');
}
let s!: StoreFixture; let p!: PeerFixture;
await m('StoreFixture', 1, async () => { s = new StoreFixture(); });
await m('StoreFixture', 3, async () => { new StoreFixture().remove(); });
await m('PeerFixture', 3, async () => { p = new PeerFixture(); });
console.log(readFileSync(s.workerPath).length, readFileSync(p.runtime.workerPath).length);
await m('store open+close', 10, async () => { const x = await s.open(); await x.close(); });
await m('peer store open+close', 10, async () => { const x = await p.store(); await x.close(); });
const w = async (opt: object, file = '/tmp/hyg/w.cjs'): Promise<void> => { const k = new Worker(file, opt); await new Promise((r) => k.once('message', r)); await k.terminate(); };
await m('worker bare inherit', 10, () => w({}));
await m('worker bare', 10, () => w({ execArgv: [], env: {} }));
s.remove(); await p.remove();
