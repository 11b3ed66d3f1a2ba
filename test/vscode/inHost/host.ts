import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TestAccess } from '../../../src/extension.js';
import type { Disposable } from '../../../src/common/disposable.js';
import type { SessionState } from '../../../src/vscode/peerSession.js';
import { extensionId } from '../host/extensionId.js';
import { suiteEnvironment } from './results.js';

/** The extension's own objects, which it hands out in test mode only. */
export async function access(): Promise<TestAccess> {
  const extension = vscode.extensions.getExtension<TestAccess | undefined>(extensionId);
  assert.ok(extension, 'the extension is installed');
  const given = await extension.activate();
  assert.ok(given, 'the extension knows that it is tested');
  return given;
}

export function environment(name: keyof typeof suiteEnvironment): string {
  const value = process.env[suiteEnvironment[name]];
  assert.ok(value, suiteEnvironment[name]);
  return value;
}

/** A path in the throw-away folder. */
export function scratch(...names: readonly string[]): string {
  return path.join(environment('scratch'), ...names);
}

export function setSetting(key: string, value: unknown): Thenable<void> {
  return vscode.workspace
    .getConfiguration('chunkPartitioner')
    .update(key, value, vscode.ConfigurationTarget.Global);
}

/** Runs a check now and at every event, until it answers with something. */
export async function eventually<T>(
  what: string,
  events: readonly ((listener: () => void) => Disposable)[],
  check: () => T | undefined | Promise<T | undefined>,
  deadline = 30_000,
): Promise<T> {
  let busy = Promise.resolve();
  const subscriptions: Disposable[] = [];
  try {
    return await new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`waited in vain for ${what}`));
      }, deadline);
      subscriptions.push({
        dispose: () => {
          clearTimeout(timer);
        },
      });
      const look = (): void => {
        busy = busy.then(check).then((found) => {
          if (found !== undefined) resolve(found);
        }, reject);
      };
      for (const event of events) subscriptions.push(event(look));
      look();
    });
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
  }
}

export async function reaches(state: SessionState, deadline?: number): Promise<void> {
  const { session } = await access();
  await eventually(
    `the session to be ${state}`,
    [session.onDidChangeState],
    () => (session.state === state ? true : undefined),
    deadline,
  );
}

/** Labels and descriptions of a tree's rows, as the editor asks for them. */
export async function rowTexts<T>(
  provider: vscode.TreeDataProvider<T>,
  parent?: T,
): Promise<{ row: T; label: string; description: string; item: vscode.TreeItem }[]> {
  const rows = (await provider.getChildren(parent)) ?? [];
  return Promise.all(
    rows.map(async (row) => {
      const item = await provider.getTreeItem(row);
      const label = typeof item.label === 'string' ? item.label : (item.label?.label ?? '');
      return { row, label, description: String(item.description ?? ''), item };
    }),
  );
}

/** Accepts the quick input that a running command shows, until the command has ended. */
export function acceptQuickInput(command: Thenable<unknown>): Promise<void> {
  return answerQuickInput(command, 'workbench.action.acceptSelectedQuickOpenItem');
}

/** Closes it, which counts as no. */
export function refuseQuickInput(command: Thenable<unknown>): Promise<void> {
  return answerQuickInput(command, 'workbench.action.closeQuickOpen');
}

/** Nothing tells that a quick input is shown. */
async function answerQuickInput(command: Thenable<unknown>, answer: string): Promise<void> {
  const state = { ended: false };
  const done = Promise.resolve(command).finally(() => {
    state.ended = true;
  });
  while (!state.ended) {
    await vscode.commands.executeCommand(answer);
    const tick = new Promise((resolve) => setTimeout(resolve, 100));
    await Promise.race([done, tick]);
  }
  await done;
}
