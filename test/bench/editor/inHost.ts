/** Runs inside the extension host of a real VS Code, and measures there. */
import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/vscode/ids.js';
import type { PeerSession } from '../../../src/vscode/peerSession.js';
import { access, environment, eventually, scratch, setSetting } from '../../vscode/inHost/host.js';
import { suiteEnvironment } from '../../vscode/inHost/results.js';
import { benchNames, peekFile, treeFiles } from './names.js';
import type { MeasuredInHost } from './figures.js';

const mebi = 2 ** 20;
const sampleMs = 50;
const peeks = 9;
const peekBytes = 4096;

export async function run(): Promise<void> {
  await setSetting('listen', '127.0.0.1:0');
  await setSetting('keepServing', 'never');
  const treeMs = await tree();
  await joinGroup();
  const peek = await peekInto();
  const source = vscode.Uri.file(scratch(benchNames.large));
  const share = await moving(() => vscode.commands.executeCommand(commandIds.shareFile, source));
  const { session } = await access();
  const client = await session.client();
  const { shareId } = await client.request('find', { share: benchNames.large });
  const target = vscode.Uri.file(scratch(benchNames.fetched));
  const get = await moving(() =>
    vscode.commands.executeCommand(commandIds.downloadFile, shareId, target),
  );
  const bytes = statSync(source.fsPath).size;
  assert.equal(statSync(target.fsPath).size, bytes);
  const figures: MeasuredInHost = {
    shareDelayP99Ms: share.delayP99Ms,
    getDelayP99Ms: get.delayP99Ms,
    shareHeapMiB: share.heapMiB,
    getHeapMiB: get.heapMiB,
    treeMs,
    ...peek,
    shareMiBps: bytes / mebi / share.seconds,
    getMiBps: bytes / mebi / get.seconds,
  };
  writeFileSync(process.env[suiteEnvironment.results] ?? '', JSON.stringify(figures));
  await vscode.commands.executeCommand(commandIds.stopPeer);
}

/** The Files view over a catalog of many files, from the first question for its rows to the last of them. */
async function tree(): Promise<number> {
  const { views } = await access();
  const session = await turnTo(scratch(benchNames.catalog));
  assert.equal(session.status?.shares, treeFiles);
  const started = performance.now();
  const rows = await views.files.getChildren();
  for (const row of rows) views.files.getTreeItem(row);
  const took = performance.now() - started;
  assert.ok(rows.length > 100, `${String(rows.length)} rows`);
  return took;
}

async function joinGroup(): Promise<void> {
  const session = await turnTo(scratch(benchNames.data));
  const code = environment('invite');
  await vscode.commands.executeCommand(commandIds.joinGroup, { code, name: 'desk' });
  await eventually('four peers', [session.onDidChange], () =>
    (session.status?.peersOnline ?? 0) >= 4 ? true : undefined,
  );
}

/** Has the editor attach to the peer of another data directory. */
async function turnTo(directory: string): Promise<PeerSession> {
  const { groups } = await access();
  await setSetting('dataDirectory', directory);
  const { session } = await eventually('the other peer', [groups.onDidChange], () =>
    groups.find(directory),
  );
  await session.client();
  return session;
}

async function peekInto(): Promise<{ firstPeekMs: number; peekMs: number }> {
  const { session } = await access();
  const client = await session.client();
  const share = await eventually('the large file', [session.onDidChange], () =>
    client.request('find', { share: peekFile.name }).catch(() => undefined),
  );
  const times: number[] = [];
  for (let index = 0; index < peeks; index += 1) {
    // From the middle on, and each time into another segment.
    const offset = peekFile.size / 2 + index * 64 * mebi;
    const started = performance.now();
    const part = await client.request('read', {
      share: share.shareId,
      offset,
      length: peekBytes,
    });
    times.push(performance.now() - started);
    assert.ok(part.base64.length > 0 && part.fetched > 0);
  }
  const [firstPeekMs = NaN, ...further] = times;
  further.sort((a, b) => a - b);
  return { firstPeekMs, peekMs: further[further.length >> 1] ?? NaN };
}

interface Moved {
  readonly seconds: number;
  readonly delayP99Ms: number;
  readonly heapMiB: number;
}

/** Has something moved, and watches the event loop and the heap of this process meanwhile. */
async function moving(move: () => Thenable<unknown>): Promise<Moved> {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  let most = before;
  const sampler = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed);
  }, sampleMs);
  // What it counts includes the millisecond that it waits itself.
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  await move();
  const seconds = (performance.now() - started) / 1000;
  delay.disable();
  clearInterval(sampler);
  return { seconds, delayP99Ms: delay.percentile(99) / 1e6, heapMiB: (most - before) / mebi };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
