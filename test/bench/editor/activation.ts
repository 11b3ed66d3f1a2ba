import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repoRoot } from '../../vscode/host/hostPaths.js';
import { bundleForHost } from '../../vscode/inHost/bundleForHost.js';
import { median } from '../figures.js';
import { suiteEnvironment } from '../../vscode/inHost/results.js';
import { runInHost } from '../../vscode/inHost/runInHost.js';

/** One of them, milliseconds. */
export interface Activation {
  /** Processor time of the host's thread: loading and running what is activated. */
  readonly ownMs: number;
  /** Until it is done, with what is waited for the other side of the editor. */
  readonly wholeMs: number;
}

const rounds = 5;
const deadlineMs = 60_000;

/**
 * What it takes to load and activate the extension in an extension host that has nothing else to do: medians of some windows.
 *
 * @param folder throw-away
 */
export async function activation(folder: string): Promise<Activation> {
  const extension = path.join(folder, 'extension');
  waitingExtension(extension);
  const bundle = await bundleForHost(
    'test/bench/editor/activationInHost.ts',
    'bench-activation/index.js',
  );
  const workspace = path.join(folder, 'workspace');
  mkdirSync(workspace);
  const all: Activation[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const file = path.join(folder, `activation-${String(round)}.json`);
    const env = { [suiteEnvironment.results]: file };
    const home = path.join(folder, 'home');
    await runInHost({ home, workspace, bundle, extension, env, deadlineMs });
    all.push(JSON.parse(readFileSync(file, 'utf8')) as Activation);
  }
  return {
    ownMs: median(all.map(({ ownMs }) => ownMs)),
    wholeMs: median(all.map(({ wholeMs }) => wholeMs)),
  };
}

/** This extension, but for when it is activated: not by itself. */
function waitingExtension(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const manifest = JSON.parse(readFileSync(path.join(repoRoot, 'package.json'), 'utf8')) as object;
  const changed = { ...manifest, activationEvents: [] };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(changed));
  for (const name of ['dist', 'l10n', 'media', 'package.nls.json']) {
    symlinkSync(path.join(repoRoot, name), path.join(folder, name));
  }
}
