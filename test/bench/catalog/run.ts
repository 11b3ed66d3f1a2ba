/**
 * `tsx test/bench/catalog/run.ts [COUNT…]` (after `npm run build`): a peer with that many shares, none, 1,000, 10,000
 * and 100,000 by default. Prints how long it takes to start, to list, to find one, and until a newcomer has them all,
 * and what memory that needs. It measures and never judges.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient, ControlRequests } from '../../../src/control/contract.js';
import { cliPath } from '../../support/cliProcess.js';
import { TestGroup, type TestPeer } from '../../support/peers.js';
import { table } from '../figures.js';
import { peakMemory } from '../peakMemory.js';
import { filesOf, fillCatalog } from './fillCatalog.js';

type Page = ControlRequests['list']['result'];

interface Figures {
  readonly shares: number;
  readonly databaseMiB: number;
  readonly startMs: number;
  readonly startedMiB: number | null;
  readonly firstPageMs: number;
  readonly listMs: number;
  readonly lsMs: number;
  readonly lsJsonMs: number;
  readonly findMs: number;
  readonly listedMiB: number | null;
  readonly syncSeconds: number;
  readonly syncCpuSeconds: number | null;
  /** Longest that the newcomer took for an answer that needs no work, while it took shares in. */
  readonly waitMs: number;
  readonly newcomerMiB: number | null;
  readonly servedMiB: number | null;
}

async function measure(shares: number): Promise<Figures> {
  const group = await TestGroup.start(1, { unguarded: true });
  try {
    const peer = group.get(0);
    await peer.stop();
    const filled = performance.now();
    await fillCatalog(peer.dataDir, shares);
    console.error(`${shares} shares made in ${((performance.now() - filled) / 1000).toFixed(1)} s`);
    const startMs = await timed(() => peer.serve());
    const startedMiB = peakMemory(peer.pid);
    const client = await peer.client();
    const page: ControlRequests['list']['params'] = { cursor: null, limit: 200 };
    await client.request('list', page);
    const firstPageMs = await timed(() => client.request('list', page));
    const listMs = await timed(() => listAll(client, shares));
    const findMs =
      shares === 0 ? 0 : await timed(() => client.request('find', { share: 'file-000005.bin' }));
    const lsMs = await timed(() => runLs(peer));
    const lsJsonMs = await timed(() => runLs(peer, '--json'));
    const listedMiB = peakMemory(peer.pid);
    const newcomer = await group.join('newcomer');
    const started = performance.now();
    await newcomer.serve();
    const waitMs = await untilThere(newcomer, shares);
    const syncSeconds = (performance.now() - started) / 1000;
    return {
      ...{ shares, startMs, startedMiB, firstPageMs, listMs, lsMs, lsJsonMs, findMs, listedMiB },
      ...{ syncSeconds, waitMs },
      databaseMiB: statSync(path.join(peer.dataDir, 'state.db')).size / 2 ** 20,
      syncCpuSeconds: cpuSeconds(newcomer.pid),
      newcomerMiB: peakMemory(newcomer.pid),
      servedMiB: peakMemory(peer.pid),
    };
  } finally {
    await group.dispose();
  }
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task();
  return performance.now() - started;
}

async function runLs(peer: TestPeer, ...options: readonly string[]): Promise<void> {
  const args = [cliPath, 'ls', '--data-dir', peer.dataDir, ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`ls ended with ${String(code)}`);
}

/** Page after page, the next one asked for before the last one is looked at. */
async function listAll(client: ControlClient, expected: number): Promise<void> {
  let count = 0;
  const ask = (cursor: string | null): Promise<Page> =>
    client.request('list', { cursor, limit: 1000, versions: true });
  let page: Promise<Page> | undefined = ask(null);
  while (page !== undefined) {
    const { shares, cursor }: Page = await page;
    page = cursor === null ? undefined : ask(cursor);
    count += shares.length;
  }
  if (count !== expected) throw new Error(`${count} of ${expected} shares were listed`);
}

/** Waits until a peer lists them all, asking for something that is at hand in between. */
async function untilThere(peer: TestPeer, shares: number): Promise<number> {
  const client = await peer.client();
  let longest = 0;
  for (;;) {
    for (let ask = 0; ask < 10; ask += 1) {
      longest = Math.max(longest, await timed(() => client.request('transfers', null)));
      await delay(20);
    }
    const { shares: there } = await client.request('status', null);
    if (there >= filesOf(shares)) return longest;
  }
}

function cpuSeconds(pid: number | undefined): number | null {
  if (pid === undefined || process.platform !== 'linux') return null;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2).map(Number);
  if (!wanted.every(Number.isInteger)) throw new Error('counts of shares are whole numbers');
  const all: Figures[] = [];
  for (const shares of wanted.length > 0 ? wanted : [0, 1_000, 10_000, 100_000]) {
    all.push(await measure(shares));
  }
  const row = (label: string, key: keyof Figures, digits = 0): string[] => [
    label,
    ...all.map((figures) => figures[key]?.toFixed(digits) ?? 'unknown'),
  ];
  console.log(
    table([
      row('shares', 'shares'),
      row('state.db, MiB', 'databaseMiB', 1),
      row('start until it listens, ms', 'startMs'),
      row('peak memory then, MiB', 'startedMiB'),
      row('first page of 200, ms', 'firstPageMs', 1),
      row('whole list over the channel, ms', 'listMs'),
      row('one by name, ms', 'findMs', 1),
      row('ls, process and all, ms', 'lsMs'),
      row('ls --json, process and all, ms', 'lsJsonMs'),
      row('peak memory after that, MiB', 'listedMiB'),
      row('newcomer has them all, s', 'syncSeconds', 1),
      row('CPU seconds of the newcomer', 'syncCpuSeconds', 1),
      row('longest wait of its clients, ms', 'waitMs'),
      row('its peak memory, MiB', 'newcomerMiB'),
      row('peak memory of who told it, MiB', 'servedMiB'),
    ]),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
