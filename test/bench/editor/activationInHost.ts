/** Runs inside the extension host of a real VS Code, in which this extension waits to be activated, and does that. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { environment } from '../../vscode/inHost/host.js';
import { extensionId } from '../../vscode/host/extensionId.js';
import type { Activation } from './activation.js';

/** The host is at rest when its event loop was never held up for so long in such a time, milliseconds. */
const restMs = 1_000;
const heldUpMs = 5;

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension(extensionId);
  assert.ok(extension && !extension.isActive);
  await atRest();
  const started = performance.now();
  const before = process.threadCpuUsage();
  await extension.activate();
  const { user, system } = process.threadCpuUsage(before);
  const activation: Activation = {
    ownMs: (user + system) / 1000,
    wholeMs: performance.now() - started,
  };
  writeFileSync(environment('results'), JSON.stringify(activation));
}

/** While a window opens, everything in it wants to run at once. */
async function atRest(): Promise<void> {
  const held = monitorEventLoopDelay({ resolution: 1 });
  held.enable();
  do {
    held.reset();
    await delay(restMs);
  } while (held.max / 1e6 > heldUpMs);
  held.disable();
}
